import { type JobDetail, JobState } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { localCommand, serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { wholeNumber } from "../numbers.ts";
import { noteNextPage, type PageOptions, withPages } from "../paging.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";
import { timeText } from "../time.ts";

const when = (seconds: string | null): string | null => (seconds === null ? null : timeText(Number(seconds)));

const outcomeOf = ({ result, error }: JobDetail): string | null => {
  const { success, error: words } = (result ?? {}) as { success?: number; error?: string | null };
  if (success === 1) return "ok";
  // An upgrade has one line for each plugin.
  return (words ?? error)?.replaceAll("\n", "; ") ?? null;
};

interface ListOptions extends PageOptions {
  state?: JobState;
}

const list = async (session: Session, options: ListOptions): Promise<void> => {
  const { total, page, size, items } = await session.client.listJobs({ query: { ...options } });
  const row = (j: JobDetail) => [j.id, j.task, j.state, when(j.created), when(j.finished), outcomeOf(j)];
  session.print({ total, page, size, items }, () =>
    items.length > 0
      ? table(session.io, ["ID", "TASK", "STATE", "CREATED", "ENDED", "OUTCOME"], items.map(row))
      : "No jobs.",
  );
  noteNextPage(session, { page, size, total, items });
};

const detailText = (job: JobDetail): string =>
  record([
    ["Job", job.id],
    ["Task", job.task],
    ["Arguments", JSON.stringify(job.args)],
    ["State", job.state],
    ["Created", when(job.created)],
    ["Started", when(job.started)],
    ["Ended", when(job.finished)],
    [
      "Notes",
      Object.entries(job.notes)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
    ],
    ["Outcome", outcomeOf(job)],
    ["Result", JSON.stringify(job.result)],
  ]);

const show = async (session: Session, job: number): Promise<void> =>
  session.print(await session.client.getJobDetail({ params: { job } }), detailText);

const cancel = async (session: Session, job: number): Promise<void> => {
  const { successMessage } = await session.client.cancelJob({ params: { job } });
  session.print({ job, message: successMessage }, (d) => d.message);
};

const wait = async (session: Session, job: number, options: { timeout?: number }): Promise<void> => {
  const limit = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout * 1000);
  const ended = await waitForJob(session, job, limit).catch((e: unknown) => {
    if (!limit?.aborted) throw e;
    throw new CommandFailed(
      `Job ${job} still runs after ${options.timeout} s.`,
      "Wait longer, or cancel it.",
    );
  });
  session.print(ended, detailText);
  resultOf(ended);
};

/** `hitagi job …`: background work. */
export const jobCommands = (program: Command, io: Io): void => {
  const job = localCommand(program, "job", "Background jobs.", "hitagi job list");
  const id = wholeNumber(1);
  const states = JobState.enum;
  withPages(
    serverCommand(job, "list", "List the jobs, newest first.", "hitagi job list --state active").addOption(
      new Option("--state <state>", "only jobs in this state").choices(states),
    ),
    20,
  ).action(withSession(io, list));
  serverCommand(job, "show", "Show a job and its result.", "hitagi job show 12")
    .argument("<job>", "its id", id)
    .action(withSession(io, show));
  serverCommand(job, "cancel", "Cancel a job that has not ended.", "hitagi job cancel 12")
    .argument("<job>", "its id", id)
    .action(withSession(io, cancel));
  serverCommand(
    job,
    "wait",
    "Wait until a job has ended; fails where it did.",
    "hitagi job wait 12 --timeout 60",
  )
    .argument("<job>", "its id", id)
    .option("--timeout <seconds>", "wait no longer than this", wholeNumber(1, 86_400))
    .action(withSession(io, wait));
};
