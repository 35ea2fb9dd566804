import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useCall } from "../app/calls.ts";
import { Card, Page, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { useNeeds } from "./needs.tsx";
import { Today } from "./today.tsx";

/** What needs the owner now, each with its one button, and what happened today. */
export const HomePage = () => {
  const { t, number } = useTexts();
  const { needs, isKnown } = useNeeds();
  const registries = useCall("listRegistries", {});
  const info = useCall("getInfo", {});
  const isNew = registries.data?.registries.length === 0;
  const mayManage = useMay("manage");
  return (
    <Page
      title={t("app.home")}
      about={
        info.data &&
        t("home.archives", { count: info.data.total_archives, shown: number(info.data.total_archives) })
      }
    >
      <Section title={t("home.needs")}>
        <Card>
          <ul>
            {isNew && mayManage && (
              <li>
                <Row
                  title={t("home.begin")}
                  about={t("home.beginText")}
                  actions={
                    <Button renderRoot={(props) => <Link to="/welcome" {...props} />}>
                      {t("home.beginAction")}
                    </Button>
                  }
                />
              </li>
            )}
            {needs.map(({ id, icon: Icon, title, about, action }) => (
              <li key={id}>
                <Row lead={<Icon size={18} aria-hidden />} title={title} about={about} actions={action} />
              </li>
            ))}
            {isKnown && needs.length === 0 && !isNew && (
              <li>
                <Row
                  lead={<CircleCheck size={18} aria-hidden />}
                  title={t("home.nothing")}
                  about={t("home.nothingText")}
                />
              </li>
            )}
          </ul>
        </Card>
      </Section>
      <Today />
    </Page>
  );
};
