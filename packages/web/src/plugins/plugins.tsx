import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const PluginsPage = () => {
  const { t } = useTexts();
  return <Page title={t("app.plugins")}>{null}</Page>;
};
