import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const ServerPage = () => {
  const { t } = useTexts();
  return <Page title={t("app.server")}>{null}</Page>;
};
