import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const LibraryPage = () => {
  const { t } = useTexts();
  return <Page title={t("app.library")}>{null}</Page>;
};
