import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const ActivityPage = () => {
  const { t } = useTexts();
  return <Page title={t("app.activity")}>{null}</Page>;
};
