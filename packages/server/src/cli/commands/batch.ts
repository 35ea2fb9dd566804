import { type BatchCounts, type BatchItem, BatchOutcome, quoteText } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import { fieldName } from "../format.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseArchive } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import { noteNextPage, type PageOptions, type Session } from "../session.ts";
import { type Columns, table } from "../table.ts";

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

/** For example `title: 'New'`. */
const changesBetween = (before: BatchItem["before"], after: BatchItem["after"]): string[] => {
  if (before === null || after === null) return [];
  const added = after.tags.slice(after.tags.startsWith(before.tags) ? before.tags.length : 0);
  return [
    after.title === before.title ? "" : `title: ${quoteText(after.title)}`,
    after.tags === before.tags ? "" : `tags: ${quoteText(added.replace(/^,\s*/, ""))}`,
    after.summary === before.summary ? "" : "summary",
  ];
};

const changeOf = ({ before, after, errors, heldBack = [] }: BatchItem): string => {
  const failures = errors.map(({ plugin, message }) =>
    plugin === null ? quoteText(message) : `${plugin}: ${quoteText(message)}`,
  );
  return [
    ...changesBetween(before, after),
    heldBack.length > 0
      ? `held back by policy: ${heldBack.map(({ field }) => fieldName(field)).join(", ")}`
      : "",
    ...failures,
  ]
    .filter(Boolean)
    .join("; ");
};

const columns: Columns<BatchItem> = { ARCHIVE: "archive", OUTCOME: "outcome", WHAT: changeOf };

const report = async (
  session: Session,
  job: number,
  { outcome, page, size }: PageOptions & { outcome?: BatchOutcome },
): Promise<void> => {
  const query = { outcome, page, size };
  const { counts, total, items } = await session.client.getBatch({ params: { job }, query });
  session.print({ counts, total, page, size, items }, () =>
    items.length > 0
      ? [`${countsText(counts)}.`, "", table(session.io, columns, items)]
      : `${countsText(counts)}.`,
  );
  noteNextPage(session, { total, page, size, items });
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

const jobOptions = (command: CliCommand): unknown =>
  command.option("--detach", "do not wait for the job").option("-y, --yes", "do not ask");

/** `hitagi batch …`: metadata plugins over many archives. */
export const batchCommands = (program: CliCommand): void => {
  const group = program
    .local("batch", "Run metadata plugins over many archives.")
    .examples("hitagi batch run --plugin comic-info --all");
  const id = wholeNumber(1);
  group
    .remote("run", "Run a metadata plugin, or all enabled ones, and store the results.")
    .examples("hitagi batch run --plugin comic-info --all", "hitagi batch run --enabled one.cbz two.cbz")
    .argument("[archives...]", "ids, prefixes of ids, or file names")
    .option("--plugin <namespace>", "the plugin")
    .option("--enabled", "all enabled metadata plugins, in their order")
    .option("--all", "every archive of the library")
    .option("--arg <text>", "the plugin's one-shot argument")
    .use(jobOptions)
    .runRemote(run);
  group
    .remote("report", "Show the result of a batch for each archive, also while it runs.")
    .examples("hitagi batch report 12")
    .argument("<batch>", "its job's id", id)
    .choice("--outcome <outcome>", "only archives with this outcome", BatchOutcome.enum)
    .pages(50)
    .runRemote(report);
  group
    .remote("undo", "Revert the changes of a batch; later changes stay.")
    .examples("hitagi batch undo 12")
    .argument("<batch>", "its job's id", id)
    .use(jobOptions)
    .runRemote(undo);
};
