import { type BatchCounts, type BatchItem, BatchOutcome } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { chooseArchive } from "../archive-choice.ts";
import { confirm } from "../confirm.ts";
import { localCommand, serverCommand } from "../define-command.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { wholeNumber } from "../numbers.ts";
import { noteNextPage, type PageOptions, withPages } from "../paging.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface RunOptions {
  plugin?: string;
  enabled?: boolean;
  all?: boolean;
  arg?: string;
  detach?: boolean;
  yes?: boolean;
}

/** For example `3 changed, 1 failed`. */
const countsText = (counts: BatchCounts): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ") || "no archive";

/** Waits for a batch job and prints its counts; with `detach` it does not wait. */
const follow = async (
  session: Session,
  job: number,
  batch: number,
  detach = false,
): Promise<BatchCounts | undefined> => {
  if (detach) {
    session.print({ job }, () => `Job ${job} was queued.`);
    return undefined;
  }
  const counts = resultOf(await waitForJob(session, job)) as BatchCounts;
  session.print({ job, batch, counts }, () => `${countsText(counts)}.`);
  return counts;
};

const run = async (session: Session, archives: string[], options: RunOptions): Promise<void> => {
  const { plugin, enabled, all, arg } = options;
  if ((plugin === undefined) === (enabled === undefined)) {
    throw new UsageError(
      "No plugin was given.",
      "Use --plugin <namespace>, or --enabled for all enabled ones.",
    );
  }
  if ((archives.length === 0) === (all === undefined)) {
    throw new UsageError("No archives were given.", "Name them, or use --all.");
  }
  if (all) {
    const what = plugin ?? "all enabled plugins";
    await confirm(session.io, `Run ${what} on every archive, and store the results?`, options);
  }
  const ids = await Promise.all(archives.map((text) => chooseArchive(session.client, text)));
  const body = { plugin, arg, ...(all ? { all } : { ids }) };
  const { job } = await session.client.startBatch({ body });
  session.say(`Batch ${job}: see \`hitagi batch report ${job}\`; \`hitagi batch undo ${job}\` reverts it.`);
  await follow(session, job, job, options.detach);
};

const changeOf = ({ before, after, errors }: BatchItem): string => {
  const failures = errors.map(({ plugin, message }) => (plugin === null ? message : `${plugin}: ${message}`));
  if (before === null || after === null) return failures.join(" ");
  const added = after.tags.slice(after.tags.startsWith(before.tags) ? before.tags.length : 0);
  return [
    after.title === before.title ? "" : `title: ${after.title}`,
    after.tags === before.tags ? "" : `tags: ${added.replace(/^,\s*/, "")}`,
    after.summary === before.summary ? "" : "summary",
    ...failures,
  ]
    .filter(Boolean)
    .join("; ");
};

interface ReportOptions extends PageOptions {
  outcome?: BatchOutcome;
}

const report = async (session: Session, job: number, options: ReportOptions): Promise<void> => {
  const { counts, total, page, size, items } = await session.client.getBatch({
    params: { job },
    query: { ...options },
  });
  const rows = items.map((item) => [item.archive, item.outcome, changeOf(item)]);
  session.print({ counts, total, page, size, items }, () =>
    [`${countsText(counts)}.`, rows.length > 0 && table(session.io, ["ARCHIVE", "OUTCOME", "WHAT"], rows)]
      .filter(Boolean)
      .join("\n\n"),
  );
  noteNextPage(session, { page, size, total, items });
};

const undo = async (session: Session, batch: number, options: RunOptions): Promise<void> => {
  await confirm(session.io, `Revert the changes of batch ${batch}?`, options);
  const { job } = await session.client.undoBatch({ params: { job: batch } });
  const counts = await follow(session, job, batch, options.detach);
  if (!counts?.kept) return;
  session.say(
    `Kept items changed since, or their archive is missing: see \`hitagi batch report ${batch} --outcome kept\`. ` +
      "If another batch changed them, undo that batch first, then this one again.",
  );
};

/** `hitagi batch …`: metadata plugins over many archives. */
export const batchCommands = (program: Command, io: Io): void => {
  const batch = localCommand(
    program,
    "batch",
    "Run metadata plugins over many archives.",
    "hitagi batch run --plugin comic-info --all",
  );
  const id = wholeNumber(1);
  const detached = "do not wait for the job";
  serverCommand(
    batch,
    "run",
    "Run a metadata plugin, or all enabled ones, and store the results.",
    "hitagi batch run --plugin comic-info --all",
    "hitagi batch run --enabled one.cbz two.cbz",
  )
    .argument("[archives...]", "ids, prefixes of ids, or file names")
    .option("--plugin <namespace>", "the plugin")
    .option("--enabled", "all enabled metadata plugins, in their order")
    .option("--all", "every archive of the library")
    .option("--arg <text>", "the plugin's one-shot argument")
    .option("--detach", detached)
    .option("-y, --yes", "do not ask")
    .action(withSession(io, run));
  withPages(
    serverCommand(
      batch,
      "report",
      "Show the result of a batch for each archive, also while it runs.",
      "hitagi batch report 12",
    )
      .argument("<batch>", "its job's id", id)
      .addOption(
        new Option("--outcome <outcome>", "only archives with this outcome").choices(BatchOutcome.enum),
      ),
    50,
  ).action(withSession(io, report));
  serverCommand(batch, "undo", "Revert the changes of a batch; later changes stay.", "hitagi batch undo 12")
    .argument("<batch>", "its job's id", id)
    .option("--detach", detached)
    .option("-y, --yes", "do not ask")
    .action(withSession(io, undo));
};
