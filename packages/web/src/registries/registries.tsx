import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

export const RegistriesPage = () => {
  const { t } = useTexts();
  return <Page title={t("app.registries")}>{null}</Page>;
};
