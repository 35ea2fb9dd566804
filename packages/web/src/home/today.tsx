import type { HistoryEntry } from "@hitagi/contract";
import { CalendarClock } from "lucide-react";
import { useMemo } from "react";
import { useHistoryWords } from "../activity/history-words.ts";
import { useCall } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { When } from "../design/when.tsx";
import { useTexts } from "../texts/texts.ts";

const startOfDay = (): number => {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return Math.floor(day.getTime() / 1000);
};

const SIZE = 50;

/** One entry in words. */
const EntryRow = ({ entry }: { entry: HistoryEntry }) => {
  const { list } = useTexts();
  const { nameOf, subjectOf, pluginOf, actorOf, settingsOf, failureOf } = useHistoryWords();
  const { action, details, outcome, time } = entry;
  const plugins = details?.plugins?.map(({ namespace, to }) =>
    [pluginOf(namespace), to ?? ""].join(" ").trim(),
  );
  const what = [
    plugins && plugins.length > 0 ? list(plugins) : subjectOf(entry),
    details?.archive?.title ?? "",
    settingsOf(entry),
  ].filter((text) => text !== "");
  return (
    <Row
      title={what.length === 0 ? nameOf(action) : `${nameOf(action)}: ${what.join(" — ")}`}
      about={actorOf(entry)}
      facts={
        <>
          {outcome !== "ok" && <Chip tone="bad">{failureOf(outcome)}</Chip>}
          <When at={time} />
        </>
      }
    />
  );
};

/** What happened since midnight, the latest first. */
export const useToday = () => {
  const since = useMemo(startOfDay, []);
  return useCall("listHistory", { query: { since, size: SIZE } });
};

/** @param of what `useToday` answered */
export const Today = ({ of: asked }: { of: ReturnType<typeof useToday> }) => {
  const { t } = useTexts();
  return (
    <Section title={t("home.today")}>
      <Asked of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarClock} title={t("home.quiet")} text={t("home.quietText")} />
          ) : (
            <Card>
              <ul>
                {items.map((entry) => (
                  <li key={entry.id}>
                    <EntryRow entry={entry} />
                  </li>
                ))}
              </ul>
            </Card>
          )
        }
      </Asked>
    </Section>
  );
};
