import { Link } from "@tanstack/react-router";
import { Signpost } from "lucide-react";
import { Empty } from "../design/empty.tsx";
import { Page } from "../design/page.tsx";
import { useTexts } from "../texts/texts.ts";

/** An address that leads nowhere. */
export const NotFound = () => {
  const { t } = useTexts();
  return (
    <Page title={t("app.notFound")}>
      <Empty
        icon={Signpost}
        title={t("app.notFoundTitle")}
        text={t("app.notFoundText")}
        action={<Link to="/">{t("app.home")}</Link>}
      />
    </Page>
  );
};
