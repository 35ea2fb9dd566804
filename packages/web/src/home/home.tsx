import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const HomePage = () => {
  const { t } = useTexts();
  return <Page title={t("app.home")}>{null}</Page>;
};
