import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { useState } from "react";
import { useAddress } from "../app/address.ts";
import { useCall, useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { usePages } from "../app/use-pages.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { FilterSelect } from "../design/filter-select.tsx";
import { Asked, Card, Section } from "../design/page.tsx";
import { PagedRows } from "../design/rows.tsx";
import { When } from "../design/when.tsx";
import { type Batch, BatchProgress, isRunning, useBatchName } from "../library/batch-progress.tsx";
import { TextsDiff } from "../library/texts-diff.tsx";
import { usePluginName } from "../plugins/use-plugin-name.ts";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./activity.module.css";
import { type Outcome, outcomes } from "./names.ts";

type Item = CallOutput<"getBatch">["items"][number];

const tones: Partial<Record<Outcome, Tone>> = {
  changed: "good",
  failed: "bad",
  kept: "warn",
  held_back: "warn",
};

/** The numbers of a batch's archives by outcome. */
const Counts = ({ batch: { counts, not_begun: notBegun } }: { batch: Batch }) => {
  const { t, number } = useTexts();
  return (
    <span className={classes.counts}>
      {outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map((outcome) => (
          <Chip key={outcome} tone={tones[outcome] ?? "plain"}>
            {t(`activity.outcome.${outcome}`)} {number(counts[outcome])}
          </Chip>
        ))}
      {notBegun !== null && notBegun > 0 && (
        <Chip>
          {t("activity.outcome.not_begun")} {number(notBegun)}
        </Chip>
      )}
    </span>
  );
};

const ItemLine = ({ item }: { item: Item }) => {
  const { t } = useTexts();
  const pluginOf = usePluginName();
  const [isOpen, setOpen] = useState(false);
  const { archive, title, file, outcome, before, after, errors, skipped } = item;
  return (
    <div className={classes.entry}>
      <div className={classes.entryLine}>
        <Link to="/library/$id" params={{ id: archive }} className={classes.entryWords}>
          {title ?? file ?? archive.slice(0, 10)}
        </Link>
        <Chip tone={tones[outcome] ?? "plain"}>{t(`activity.outcome.${outcome}`)}</Chip>
        {before && after && (
          <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t("activity.showChange")}
          </Button>
        )}
      </div>
      {errors.map(({ plugin, code, message }) => (
        <div key={`${plugin} ${code}`} className={classes.fault}>
          {plugin === null ? message : `${pluginOf(plugin)}: ${message}`}
        </div>
      ))}
      {(skipped ?? []).map(({ plugin, text }) => (
        <span key={`${plugin} ${text}`} className={classes.soft}>
          {plugin === null ? text : `${pluginOf(plugin)}: ${text}`}
        </span>
      ))}
      {isOpen && before && after && <TextsDiff before={before} after={after} />}
    </div>
  );
};

/** Undoes a batch, and runs it again where it failed. */
const BatchButtons = ({ batch: { job, counts } }: { batch: Batch }) => {
  const { t } = useTexts();
  const undo = useChange("undoBatch");
  const retry = useChange("retryBatch");
  const params = { job };
  return (
    <>
      {counts.failed > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          loading={retry.busy}
          onClick={() => void retry.run({ params }, { done: t("activity.retriedFailed") })}
        >
          {t("activity.retryFailed", { count: counts.failed })}
        </Button>
      )}
      {counts.changed > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          loading={undo.busy}
          onClick={() => void undo.run({ params }, { done: t("activity.undone") })}
        >
          {t("activity.undoBatch", { count: counts.changed })}
        </Button>
      )}
    </>
  );
};

/** The report of a batch: what became of each archive. */
const Report = ({ job }: { job: number }) => {
  const { t } = useTexts();
  const [outcome, setOutcome] = useState<Outcome | "">("");
  const mayUse = useMay("use");
  const nameOf = useBatchName();
  const head = useCall("getBatch", { params: { job }, query: { size: 1 } });
  const input = { params: { job }, query: outcome === "" ? {} : { outcome } };
  const items = usePages("getBatch", input, 50);
  return (
    <Asked of={head}>
      {({ batch, failures }) => (
        <Section
          title={t("activity.report", { name: nameOf(batch) })}
          about={batch.error ?? undefined}
          actions={mayUse && !isRunning(batch) && <BatchButtons batch={batch} />}
        >
          <Counts batch={batch} />
          {failures.map(({ plugin, code, message, count }) => (
            <div key={`${plugin} ${code}`} className={classes.fault}>
              {t("activity.failures", { count })} {message}
            </div>
          ))}
          <div className={classes.filters}>
            <FilterSelect
              label={t("activity.outcomeFilter")}
              any={t("activity.outcome.any")}
              value={outcome}
              choices={outcomes
                .filter((one) => batch.counts[one] > 0)
                .map((one) => ({ value: one, label: t(`activity.outcome.${one}`) }))}
              onChange={(next) => setOutcome(next as Outcome | "")}
            />
          </div>
          <Card>
            <PagedRows pages={items} label={t("activity.report", { name: nameOf(batch) })} estimate={54}>
              {(item) => <ItemLine item={item} />}
            </PagedRows>
          </Card>
        </Section>
      )}
    </Asked>
  );
};

/** The batches of the last week, and the report of the one that the address names. */
export const Batches = () => {
  const { t } = useTexts();
  const { search } = useAddress();
  const mayUse = useMay("use");
  const nameOf = useBatchName();
  const batches = useCall("listBatches", { query: { size: 50 } });
  const shown = Number(search.batch ?? 0);
  return (
    <div className={classes.stack}>
      <BatchProgress canChange={mayUse} />
      {shown > 0 && <Report key={shown} job={shown} />}
      <Asked of={batches}>
        {({ batches: all }) =>
          all.length === 0 ? (
            <Empty
              icon={Layers}
              title={t("activity.noBatches")}
              text={t("activity.noBatchesText")}
              action={<Link to="/library">{t("app.library")}</Link>}
            />
          ) : (
            <Card>
              <ul className={classes.bordered}>
                {all.map((batch) => (
                  <li key={batch.job} className={classes.entry}>
                    <div className={classes.entryLine}>
                      <Link
                        to="/activity"
                        search={{ tab: "batches", batch: String(batch.job) } as never}
                        className={classes.entryWords}
                      >
                        {nameOf(batch)}
                      </Link>
                      <Counts batch={batch} />
                      <span className={classes.entryWho}>
                        <When at={batch.created} />
                      </span>
                    </div>
                  </li>
                ))}
              </ul>
            </Card>
          )
        }
      </Asked>
    </div>
  );
};
