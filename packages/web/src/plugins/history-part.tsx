import type { InstalledPlugin } from "@hitagi/contract";
import { History } from "lucide-react";
import { useMemo } from "react";
import { EntryLine } from "../activity/history-line.tsx";
import { usePages } from "../app/use-pages.ts";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { PagedRows } from "../design/rows.tsx";
import { useTexts } from "../texts/texts.ts";

const PAGE = 50;

/** What was done to a plugin, to its settings, and by it; the latest first. */
export const HistoryPart = ({ plugin: { namespace } }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  const input = useMemo(() => ({ query: { plugin: namespace } }), [namespace]);
  const history = usePages("listHistory", input, PAGE);
  return (
    <Section title={t("plugins.part.history")} about={t("plugins.historyAbout")}>
      {history.error !== null && <FaultCard error={history.error} retry={history.refetch} />}
      <Asked of={{ data: history.total, error: null, refetch: history.refetch }}>
        {(count) =>
          count === 0 ? (
            <Empty icon={History} title={t("activity.noHistory")} />
          ) : (
            <Card>
              <PagedRows pages={history} label={t("plugins.part.history")} estimate={53}>
                {(entry) => <EntryLine entry={entry} />}
              </PagedRows>
            </Card>
          )
        }
      </Asked>
    </Section>
  );
};
