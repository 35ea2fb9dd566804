import { Button, Progress } from "@mantine/core";
import { CircleCheckBig } from "lucide-react";
import { useAddress } from "../app/address.ts";
import { useChange } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { jobFailure, partsFailed } from "../app/job-end.ts";
import { usePages } from "../app/use-pages.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { Empty } from "../design/empty.tsx";
import { FaultCard } from "../design/fault-card.tsx";
import { FilterSelect } from "../design/filter-select.tsx";
import { Asked, Card } from "../design/page.tsx";
import { PagedRows } from "../design/rows.tsx";
import { Ticked } from "../design/ticked.tsx";
import { When } from "../design/when.tsx";
import { usePluginName } from "../plugins/use-plugin-name.ts";
import { useMay } from "../session/session.ts";
import { hasText, useTexts } from "../texts/texts.ts";
import classes from "./activity.module.css";

export type Job = CallOutput<"listJobs">["items"][number];

const states = ["active", "inactive", "finished", "failed"] as const;
const PAGE = 50;

const stateOf = (job: Job): { state: (typeof states)[number]; tone: Tone } => {
  if (jobFailure(job) || partsFailed(job)) return { state: "failed", tone: "bad" };
  const tones = { active: "accent", inactive: "plain", finished: "good", failed: "bad" } as const;
  return { state: job.state, tone: tones[job.state] };
};

/** What a job is about: the first of its arguments that is a name. */
const subjectOf = ({ args }: Job): string => {
  const first = args.find((arg) => typeof arg === "string");
  return typeof first === "string" && first.length <= 128 ? first : "";
};

/** One job with its progress, and the buttons to cancel it or to do it once more. */
export const JobLine = ({ job }: { job: Job }) => {
  const { t } = useTexts();
  const pluginOf = usePluginName();
  const mayUse = useMay("use");
  const mayManage = useMay("manage");
  const cancel = useChange("cancelJob");
  const again = useChange("retryJob");
  const { id, task, notes, created, finished } = job;
  const taskId = `activity.task.${task}`;
  const name = hasText(taskId) ? t(taskId) : task.replaceAll("_", " ");
  const { state, tone } = stateOf(job);
  const failure = jobFailure(job);
  const parts = partsFailed(job);
  const isOpen = job.state === "active" || job.state === "inactive";
  const [done, total] = [Number(notes.done ?? 0), Number(notes.total ?? 0)];
  return (
    <div className={classes.job}>
      <div className={classes.entryLine}>
        <span className={classes.entryWords}>
          <strong>{name}</strong> <span>{pluginOf(subjectOf(job))}</span>{" "}
          <span className={classes.soft}>#{id}</span>
        </span>
        <Chip tone={tone}>{parts ? t("activity.someFailed", parts) : t(`activity.state.${state}`)}</Chip>
        {isOpen && mayUse && (
          <Button
            size="compact-sm"
            variant="default"
            loading={cancel.busy}
            onClick={() =>
              void cancel.run(
                { params: { job: id } },
                {
                  done: ({ cancelled }) => ({
                    text: t(cancelled ? "activity.cancelled" : "activity.hadEnded"),
                  }),
                },
              )
            }
          >
            {t("activity.cancel")}
          </Button>
        )}
        {!isOpen && failure && mayManage && (
          <Button
            size="compact-sm"
            variant="default"
            loading={again.busy}
            onClick={() => void again.run({ params: { job: id } }, { done: t("activity.retried") })}
          >
            {t("app.again")}
          </Button>
        )}
        <span className={classes.entryWho}>
          <When at={Number(finished ?? created)} />
        </span>
      </div>
      {job.state === "active" && (
        <>
          <Progress
            value={total > 0 ? (done / total) * 100 : 100}
            animated={total === 0}
            aria-label={t("activity.progress", { name })}
          />
          <span className={classes.soft}>
            {[total > 0 ? t("library.batch.done", { done, total }) : "", notes.step ?? notes.note ?? ""]
              .filter((text) => text !== "")
              .join(" · ")}
          </span>
        </>
      )}
      {failure && (
        <div className={classes.fault}>
          <span>
            <Ticked text={failure.error ?? ""} />
          </span>
          {failure.hint && (
            <span className={classes.soft}>
              <Ticked text={failure.hint} />
            </span>
          )}
        </div>
      )}
    </div>
  );
};

/** The jobs, newest first, as they go on. */
export const Jobs = () => {
  const { t } = useTexts();
  const { search, change } = useAddress();
  const state = states.find((one) => one === search.state);
  const jobs = usePages("listJobs", { query: state ? { state } : {} }, PAGE);
  return (
    <div className={classes.stack}>
      <div className={classes.filters}>
        <FilterSelect
          label={t("activity.stateFilter")}
          any={t("activity.state.any")}
          value={state}
          choices={states.map((one) => ({ value: one, label: t(`activity.state.${one}`) }))}
          onChange={(next) => change({ state: next })}
        />
      </div>
      {jobs.error !== null && <FaultCard error={jobs.error} retry={jobs.refetch} />}
      <Asked of={{ data: jobs.total, error: null, refetch: jobs.refetch }}>
        {(count) =>
          count === 0 ? (
            <Empty icon={CircleCheckBig} title={t("activity.noJobs")} text={t("activity.noJobsText")} />
          ) : (
            <Card>
              <PagedRows pages={jobs} label={t("activity.jobs")} estimate={62}>
                {(job) => <JobLine job={job} />}
              </PagedRows>
            </Card>
          )
        }
      </Asked>
    </div>
  );
};
