import { type BatchCounts, type BatchItem, BatchOutcome } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { chooseArchive } from "../archive-choice.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { bare, leaf } from "../leaf.ts";
import { wholeNumber } from "../numbers.ts";
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

/** `3 changed, 1 failed`; nothing where there is nothing. */
const countsText = (counts: BatchCounts): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ") || "no archive";

/** Follows a job of a batch to its end and says how it went; answers nothing where it is not to wait. */
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
      "It is not said which plugin.",
      "Give --plugin <namespace>, or --enabled for all enabled ones.",
    );
  }
  if ((archives.length === 0) === (all === undefined)) {
    throw new UsageError("It is not said which archives.", "Name them, or give --all for every one.");
  }
  if (all) {
    const what = plugin ?? "all enabled plugins";
    await confirm(session.io, `Run ${what} on every archive, and write what is found?`, options);
  }
  const ids = await Promise.all(archives.map((text) => chooseArchive(session.client, text)));
  const body = { plugin, arg, ...(all ? { all } : { ids }) };
  const { job } = await session.client.startBatch({ body });
  session.say(
    `Batch ${job}: see \`hitagi batch report ${job}\`; \`hitagi batch undo ${job}\` takes it back.`,
  );
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

interface ReportOptions {
  outcome?: BatchOutcome;
  page: number;
  size: number;
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
  if (page * size < total) session.say(`${items.length} of ${total}; the next are at --page ${page + 1}.`);
};

const undo = async (session: Session, batch: number, options: RunOptions): Promise<void> => {
  await confirm(session.io, `Take back what batch ${batch} wrote?`, options);
  const { job } = await session.client.undoBatch({ params: { job: batch } });
  const counts = await follow(session, job, batch, options.detach);
  if (!counts?.kept) return;
  session.say(
    `What is kept was changed since, or its archive is gone: see \`hitagi batch report ${batch} --outcome kept\`. ` +
      "If it was another batch, undo that one, and then this one again.",
  );
};

/** `hitagi batch …`: metadata plugins over many archives. */
export const batchCommands = (program: Command, io: Io): void => {
  const batch = bare(
    program,
    "batch",
    "Run metadata plugins over many archives.",
    "hitagi batch run --plugin comic-info --all",
  );
  const id = wholeNumber(1);
  const detached = "do not wait until it has ended";
  leaf(
    batch,
    "run",
    "Run a metadata plugin, or all enabled ones, and write what is found.",
    "hitagi batch run --plugin comic-info --all",
    "hitagi batch run --enabled one.cbz two.cbz",
  )
    .argument("[archives...]", "ids, beginnings of ids, or names of files")
    .option("--plugin <namespace>", "the plugin")
    .option("--enabled", "all enabled metadata plugins, in their order")
    .option("--all", "every archive of the library")
    .option("--arg <text>", "the plugin's one-shot argument")
    .option("--detach", detached)
    .option("-y, --yes", "ask nothing")
    .action(withSession(io, run));
  leaf(
    batch,
    "report",
    "Show what a batch did to each archive, also while it runs.",
    "hitagi batch report 12",
  )
    .argument("<batch>", "its job's id", id)
    .addOption(
      new Option("--outcome <outcome>", "only archives with this outcome").choices(BatchOutcome.enum),
    )
    .option("--page <number>", "which page", wholeNumber(1), 1)
    .option("--size <number>", "how many a page, at most 200", wholeNumber(1, 200), 50)
    .action(withSession(io, report));
  leaf(
    batch,
    "undo",
    "Take back what a batch wrote; what others changed since stays.",
    "hitagi batch undo 12",
  )
    .argument("<batch>", "its job's id", id)
    .option("--detach", detached)
    .option("-y, --yes", "ask nothing")
    .action(withSession(io, undo));
};
