import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const BrowsePage = () => {
  const { t } = useTexts();
  return <Page title={t("app.browse")}>{null}</Page>;
};
