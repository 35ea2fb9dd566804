import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const WelcomePage = () => {
  const { t } = useTexts();
  return <Page title={t("session.welcome")}>{null}</Page>;
};
