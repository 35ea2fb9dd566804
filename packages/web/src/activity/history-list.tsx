import { Button, TextInput } from "@mantine/core";
import { Download, History } from "lucide-react";
import { useMemo } from "react";
import { useAddress } from "../app/address.ts";
import { usePages } from "../app/use-pages.ts";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { FilterSelect } from "../design/filter-select.tsx";
import { Asked, Card } from "../design/page.tsx";
import { PagedRows } from "../design/rows.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./activity.module.css";
import { EntryLine } from "./history-line.tsx";
import { actorKinds, subjectKinds } from "./names.ts";

const PAGE = 100;
const DAY = 86_400;
const spans = { day: DAY, week: 7 * DAY, month: 30 * DAY } as const;
type Span = keyof typeof spans;
const isSpan = (text: string | undefined): text is Span => text !== undefined && Object.hasOwn(spans, text);

/** Midnight before a span began, so that the question stays the same for a while. */
const sinceOf = (span: Span): number => Math.floor((Date.now() / 1000 - spans[span]) / 600) * 600;

/** The history with its filters, which stand in the address, and a link to all of it as a file. */
export const HistoryList = () => {
  const { t } = useTexts();
  const { search, change } = useAddress();
  const kind = subjectKinds.find((one) => one === search.kind);
  const actor = search.actor ?? "";
  const span = isSpan(search.since) ? search.since : undefined;
  const isFailed = search.outcome === "failed";
  const plugin = search.plugin ?? "";
  const query = useMemo(
    () => ({
      ...(kind && { kind }),
      ...(actor !== "" && { actor }),
      ...(plugin !== "" && { plugin }),
      ...(isFailed && { outcome: "failed" }),
      ...(span && { since: sinceOf(span) }),
    }),
    [kind, actor, plugin, isFailed, span],
  );
  const history = usePages("listHistory", { query }, PAGE);
  const exported = new URLSearchParams({
    ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    format: "jsonl",
  });
  return (
    <div className={classes.stack}>
      <div className={classes.filters}>
        <FilterSelect
          label={t("activity.history.kind")}
          isLabelShown
          any={t("activity.any")}
          value={kind}
          choices={subjectKinds.map((one) => ({ value: one, label: t(`activity.kind.${one}`) }))}
          onChange={(next) => change({ kind: next })}
        />
        <FilterSelect
          label={t("activity.history.actor")}
          isLabelShown
          any={t("activity.any")}
          value={actor}
          choices={actorKinds.map((one) => ({ value: one, label: t(`history.by.${one}`) }))}
          onChange={(next) => change({ actor: next })}
        />
        <FilterSelect
          label={t("activity.history.since")}
          isLabelShown
          any={t("activity.any")}
          value={span}
          choices={(["day", "week", "month"] as const).map((one) => ({
            value: one,
            label: t(`activity.since.${one}`),
          }))}
          onChange={(next) => change({ since: next })}
        />
        <FilterSelect
          label={t("activity.history.outcome")}
          isLabelShown
          any={t("activity.any")}
          value={isFailed ? "failed" : ""}
          choices={[{ value: "failed", label: t("activity.state.failed") }]}
          onChange={(next) => change({ outcome: next })}
        />
        <TextInput
          className={classes.grow}
          label={t("activity.history.plugin")}
          type="search"
          defaultValue={plugin}
          onBlur={(event) => change({ plugin: event.currentTarget.value.trim() })}
          onKeyDown={(event) => {
            if (event.key === "Enter") change({ plugin: event.currentTarget.value.trim() });
          }}
        />
        <Button
          component="a"
          href={`/api/history?${exported}`}
          download="hitagi-history.jsonl"
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
        >
          {t("activity.history.export")}
        </Button>
      </div>
      {history.error !== null && <FaultCard error={history.error} retry={history.refetch} />}
      <Asked of={{ data: history.total, error: null, refetch: history.refetch }}>
        {(count) =>
          count === 0 ? (
            <Empty icon={History} title={t("activity.noHistory")} text={t("activity.noHistoryText")} />
          ) : (
            <Card>
              <PagedRows pages={history} label={t("activity.history")} estimate={53}>
                {(entry) => <EntryLine entry={entry} />}
              </PagedRows>
            </Card>
          )
        }
      </Asked>
    </div>
  );
};
