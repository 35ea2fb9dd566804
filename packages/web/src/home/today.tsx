import type { HistoryEntry } from "@hitagi/contract";
import { CalendarClock } from "lucide-react";
import { useMemo } from "react";
import { useCall } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { hasText, useTexts } from "../texts/texts.ts";

/** A change in words. An action without a text of its own keeps its name of the API. */
export const useHistoryWords = (): ((entry: HistoryEntry) => { title: string; about: string }) => {
  const { t, list } = useTexts();
  return ({ action, actor, subject, details }) => {
    const id = `history.${action}`;
    const plugins = details?.plugins?.map(({ namespace, to }) => (to ? `${namespace} ${to}` : namespace));
    const what = plugins && plugins.length > 0 ? list(plugins) : (details?.name ?? subject?.id ?? "");
    const title = hasText(id) ? t(id) : action.replaceAll("_", " ");
    const archive = details?.archive?.title;
    return {
      title: what === "" ? title : `${title}: ${what}${archive ? ` — ${archive}` : ""}`,
      about: actor.key ?? t(`history.by.${actor.kind}`),
    };
  };
};

const startOfDay = (): number => {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return Math.floor(day.getTime() / 1000);
};

const SIZE = 50;

/** What happened since midnight, the latest first. */
export const Today = () => {
  const { t } = useTexts();
  const words = useHistoryWords();
  const since = useMemo(startOfDay, []);
  const asked = useCall("listHistory", { query: { since, size: SIZE } });
  return (
    <Section title={t("home.today")}>
      <Asked of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarClock} title={t("home.quiet")} text={t("home.quietText")} />
          ) : (
            <Card>
              <ul>
                {items.map((entry) => {
                  const { title, about } = words(entry);
                  return (
                    <li key={entry.id}>
                      <Row
                        title={title}
                        about={about}
                        facts={
                          <>
                            {entry.outcome !== "ok" && <Chip tone="bad">{entry.outcome}</Chip>}
                            <When at={entry.time} />
                          </>
                        }
                      />
                    </li>
                  );
                })}
              </ul>
            </Card>
          )
        }
      </Asked>
    </Section>
  );
};
