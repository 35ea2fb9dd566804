import "../design/choices.css";
import { Button, Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useCall, useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { Chip } from "../design/chip.tsx";
import { useTexts } from "../texts/texts.ts";
import classes from "./batch-progress.module.css";

export type Batch = CallOutput<"listBatches">["batches"][number];

/** What a batch runs, in words. */
export const useBatchName = () => {
  const { t } = useTexts();
  const plugins = useCall("listPlugins", { params: { type: "metadata" } });
  return ({ plugin, by_source, tag_rules }: Pick<Batch, "plugin" | "by_source" | "tag_rules">): string => {
    if (tag_rules) return t("library.run.tagRules");
    if (plugin === null) return t(by_source ? "library.run.bySource" : "library.run.chain");
    return plugins.data?.find(({ namespace }) => namespace === plugin)?.name ?? plugin;
  };
};

export const isRunning = ({ state }: Pick<Batch, "state">): boolean =>
  state === "active" || state === "inactive";

const Running = ({ batch, name, canChange }: { batch: Batch; name: string; canChange: boolean }) => {
  const { t } = useTexts();
  const { job, counts, paused, pausing, pauses } = batch;
  const { data } = useCall("getJobDetail", { params: { job } });
  const cancel = useChange("cancelJob");
  const pause = useChange("pauseBatch");
  const resume = useChange("resumeBatch");
  const done = Number(data?.notes.done ?? 0);
  const total = Number(data?.notes.total ?? 0);
  return (
    <div className={classes.batch}>
      <div className={classes.line}>
        <span className={classes.name}>{name}</span>
        {paused && <Chip tone="warn">{t("library.batch.paused")}</Chip>}
        {pausing && <Chip>{t("library.batch.pausing")}</Chip>}
        <span className={classes.counts}>
          {total > 0 ? t("library.batch.done", { done, total }) : t("library.batch.waiting")}
          {counts.failed > 0 && ` · ${t("library.batch.failed", { count: counts.failed })}`}
        </span>
        <span className={classes.buttons}>
          {canChange && !paused && !pausing && (
            <Button
              size="compact-sm"
              variant="default"
              loading={pause.busy}
              onClick={() => void pause.run({ params: { job } })}
            >
              {t("library.batch.pause")}
            </Button>
          )}
          {canChange && (paused || pausing) && (
            <Button
              size="compact-sm"
              variant="default"
              loading={resume.busy}
              onClick={() => void resume.run({ params: { job } })}
            >
              {t("library.batch.resume")}
            </Button>
          )}
          {canChange && (
            <Button
              size="compact-sm"
              variant="default"
              loading={cancel.busy}
              onClick={() =>
                void cancel.run(
                  { params: { job } },
                  {
                    done: ({ cancelled }) => ({
                      text: t(cancelled ? "library.batch.cancelled" : "activity.hadEnded"),
                    }),
                  },
                )
              }
            >
              {t("library.batch.cancel")}
            </Button>
          )}
          <Link to="/activity" search={{ tab: "batches", batch: String(job) } as never}>
            {t("library.batch.report")}
          </Link>
        </span>
      </div>
      <Progress
        value={total > 0 ? (done / total) * 100 : 0}
        aria-label={t("library.batch.progress", { name })}
      />
      {pauses.map(({ plugin, reason }) => (
        <p key={plugin} className={classes.counts}>
          {reason}
        </p>
      ))}
    </div>
  );
};

/** The batches that run now, of all browsers. A reload shows them again. */
export const BatchProgress = ({ canChange }: { canChange: boolean }) => {
  const { data } = useCall("listBatches", { query: { size: 10 } });
  const nameOf = useBatchName();
  const running = (data?.batches ?? []).filter(isRunning);
  if (running.length === 0) return null;
  return (
    <div className={classes.batches}>
      {running.map((batch) => (
        <Running key={batch.job} batch={batch} name={nameOf(batch)} canChange={canChange} />
      ))}
    </div>
  );
};
