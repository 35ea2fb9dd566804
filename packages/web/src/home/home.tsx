import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useCall } from "../app/calls.ts";
import { FaultCard } from "../design/fault-card.tsx";
import { Card, Page, Section, Waiting } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import type { Need } from "./need.tsx";
import { useNeeds } from "./needs.tsx";
import { Today, useToday } from "./today.tsx";

interface NeedsCardProps {
  needs: readonly Need[];
  /** Whether the owner has yet to begin. */
  isNew: boolean;
  /** Whether there are no needs but these. */
  isKnown: boolean;
}

const NeedsCard = ({ needs, isNew, isKnown }: NeedsCardProps) => {
  const { t } = useTexts();
  const isQuiet = needs.length === 0 && !isNew;
  if (isQuiet && !isKnown) return null;
  return (
    <Card>
      <ul>
        {isNew && (
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
        {isQuiet && (
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
  );
};

/** What needs the owner now, each with its one button, and what happened today. */
export const HomePage = () => {
  const { t, number } = useTexts();
  const { needs, isSettled, failed } = useNeeds();
  const today = useToday();
  const registries = useCall("listRegistries", {});
  const info = useCall("getInfo", {});
  const mayManage = useMay("manage");
  const isNew = mayManage && registries.data?.registries.length === 0;
  return (
    <Page
      title={t("app.home")}
      about={
        info.data
          ? t("home.archives", { count: info.data.total_archives, shown: number(info.data.total_archives) })
          : "\u00a0"
      }
    >
      <Section title={t("home.needs")}>
        {isSettled ? <NeedsCard needs={needs} isNew={isNew} isKnown={failed === undefined} /> : <Waiting />}
        {isSettled && failed && <FaultCard error={failed.error} retry={failed.refetch} />}
      </Section>
      {/* Below a list whose length is not known, it would jump. */}
      {isSettled && <Today of={today} />}
    </Page>
  );
};
