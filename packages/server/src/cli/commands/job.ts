import { type JobDetail, JobState, quoteText } from "@hitagi/contract";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, failureText } from "../failure.ts";
import { partsFailedText } from "../format.ts";
import { type Result, refuseFailure, waitForJob } from "../job-wait.ts";
import { wholeNumber } from "../option-values.ts";
import type { Lines } from "../safe-text.ts";
import type { PageOptions, Session } from "../session.ts";
import { type Columns, record } from "../table.ts";
import { sayUndo } from "../undo.ts";

const when = (seconds: string | null): string | null => (seconds === null ? null : timeText(Number(seconds)));

const outcomeOf = ({ result, error }: JobDetail): string | null => {
  const told = (result ?? {}) as Result;
  if (told.success === 1) return partsFailedText(told) ?? "ok";
  const message = told.error ?? error;
  return message === null ? null : failureText({ message, code: told.code });
};

const columns: Columns<JobDetail> = {
  ID: "id",
  TASK: "task",
  STATE: "state",
  CREATED: (j) => when(j.created),
  ENDED: (j) => when(j.finished),
  OUTCOME: outcomeOf,
};

const list = async (
  session: Session,
  { state, page, size }: PageOptions & { state?: JobState },
): Promise<void> =>
  session.printPage(await session.client.listJobs({ query: { state, page, size } }), columns, "No jobs.");

/** The arguments that were given, in their order. */
const argumentsText = ({ args }: JobDetail): string | null => {
  const given = args.filter((one) => one !== null);
  return given.length === 0 ? null : JSON.stringify(given);
};

const detailText = (job: JobDetail): Lines =>
  record({
    Job: job.id,
    Task: job.task,
    Arguments: argumentsText(job),
    State: job.state,
    Created: when(job.created),
    Started: when(job.started),
    Ended: when(job.finished),
    Notes: Object.entries(job.notes)
      .map(([name, value]) => `${name}=${quoteText(value)}`)
      .join(" "),
    Outcome: outcomeOf(job),
    Result: JSON.stringify(job.result),
  });

const show = async (session: Session, job: number): Promise<void> =>
  session.print(await session.client.getJobDetail({ params: { job } }), detailText);

const cancel = async (session: Session, job: number): Promise<void> => {
  const { successMessage: message, cancelled } = await session.client.cancelJob({ params: { job } });
  session.print({ job, message, cancelled }, () => message);
  if (cancelled) sayUndo(session.say, ["job", "retry", String(job)]);
};

const retry = async (session: Session, job: number): Promise<void> => {
  const { job: next } = await session.client.retryJob({ params: { job } });
  session.print({ job: next, of: job }, () => `Job ${next} does the work of job ${job} once more.`);
  session.say(`Follow it with \`hitagi job wait ${next}\`; to stop it: \`hitagi job cancel ${next}\`.`);
};

const wait = async (session: Session, job: number, options: { timeout?: number }): Promise<void> => {
  const limit = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout * 1000);
  const ended = await waitForJob(session, job, { signal: limit }).catch((e: unknown) => {
    if (!limit?.aborted) throw e;
    const message = `Job ${job} still runs after ${options.timeout} s.`;
    throw new CommandFailed(message, "Wait longer, or cancel it.");
  });
  session.print(ended, detailText);
  refuseFailure(ended);
};

/** `hitagi job …`: background work. */
export const jobCommands = (program: CliCommand): void => {
  const group = program.local("job", "Background jobs.").examples("hitagi job list");
  const id = wholeNumber(1);
  group
    .remote("list", "List the jobs, newest first.")
    .examples("hitagi job list --state active")
    .choice("--state <state>", "only jobs in this state", JobState.enum)
    .pages(20)
    .runRemote(list);
  group
    .remote("show", "Show a job and its result.")
    .examples("hitagi job show 12")
    .argument("<job>", "its id", id)
    .runRemote(show);
  group
    .remote("cancel", "Cancel a job that has not ended.")
    .examples("hitagi job cancel 12")
    .argument("<job>", "its id", id)
    .runRemote(cancel);
  group
    .remote("retry", "Do the work of a job that has ended once more, in a new job.")
    .examples("hitagi job retry 12")
    .argument("<job>", "its id", id)
    .runRemote(retry);
  group
    .remote("wait", "Wait until a job has ended; fails where it did.")
    .examples("hitagi job wait 12 --timeout 60")
    .argument("<job>", "its id", id)
    .option("--timeout <seconds>", "wait no longer than this", wholeNumber(1, 86_400))
    .runRemote(wait);
};
