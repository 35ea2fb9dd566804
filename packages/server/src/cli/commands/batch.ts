import {
  type BatchCounts,
  type BatchItem,
  BatchOutcome,
  quoteText,
  type SourceCounts,
} from "@hitagi/contract";
import { Option } from "commander";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { fieldName } from "../format.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseArchive } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import { noteNextPage, type PageOptions, type Session } from "../session.ts";
import { sourceLines } from "../source-counts.ts";
import { type Columns, table } from "../table.ts";

interface RunOptions {
  plugin?: string;
  enabled?: boolean;
  bySource?: boolean;
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
  { detach, sources }: { detach?: boolean | undefined; sources?: SourceCounts | undefined },
): Promise<BatchCounts | undefined> => {
  if (detach) {
    session.print({ job, sources }, () => `Job ${job} was queued.`);
    return undefined;
  }
  const counts = resultOf(await waitForJob(session, job)) as BatchCounts;
  session.print({ job, batch, counts, sources }, () => `${countsText(counts)}.`);
  return counts;
};

/** Shows which sources plugins read. @throws CommandFailed if they read none of these archives' */
const countedSources = async (session: Session, ids: string[] | undefined): Promise<SourceCounts> => {
  const { counts } = await session.client.countSources({ body: { ids } });
  if (counts.readable === 0) {
    throw new CommandFailed(
      sourceLines(counts),
      "`hitagi search --type metadata` lists plugins. A plugin that is installed must say which addresses it reads (url_regex).",
    );
  }
  session.say(sourceLines(counts));
  return counts;
};

const run = async (session: Session, archives: string[], options: RunOptions): Promise<void> => {
  const { plugin, enabled, bySource, all, arg } = options;
  if ([plugin, enabled, bySource].filter((one) => one !== undefined).length !== 1) {
    throw new UsageError(
      "No plugin was given.",
      "Use one of --plugin <namespace>, --enabled for the chain of enabled ones, --by-source for those that read the sources of archives.",
    );
  }
  if ((archives.length === 0) === (all === undefined)) {
    throw new UsageError("No archives were given.", "Name them, or use --all.");
  }
  const ids = await Promise.all(archives.map((text) => chooseArchive(session.client, text)));
  const sources = bySource ? await countedSources(session, all ? undefined : ids) : undefined;
  if (all) {
    const what = plugin ?? (bySource ? "the plugins that read the sources" : "all enabled plugins");
    await confirm(session.io, `Run ${what} on every archive, and store the results?`, options);
  }
  const body = { plugin, by_source: bySource, arg, ...(all ? { all } : { ids }) };
  const { job } = await session.client.startBatch({ body });
  session.say(`Batch ${job}: see \`hitagi batch report ${job}\`; \`hitagi batch undo ${job}\` reverts it.`);
  await follow(session, job, job, { detach: options.detach, sources });
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

const skipText = ({ plugin, text }: NonNullable<BatchItem["skipped"]>[number]): string =>
  plugin === null ? text : `${plugin}: ${text}`;

const changeOf = ({ outcome, before, after, errors, heldBack = [], skipped = [] }: BatchItem): string => {
  const failures = errors.map(({ plugin, message }) =>
    plugin === null ? quoteText(message) : `${plugin}: ${quoteText(message)}`,
  );
  return [
    ...changesBetween(before, after),
    heldBack.length > 0
      ? `held back by policy: ${heldBack.map(({ field }) => fieldName(field)).join(", ")}`
      : "",
    ...failures,
    ...(outcome === "skipped" ? skipped.map(skipText) : []),
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
  const counts = await follow(session, job, batch, options);
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
    .examples(
      "hitagi batch run --plugin comic-info --all",
      "hitagi batch run --enabled one.cbz two.cbz",
      "hitagi batch run --by-source --all",
    )
    .argument("[archives...]", "ids, prefixes of ids, or file names")
    .option("--plugin <namespace>", "the plugin")
    .option("--enabled", "the chain: all enabled metadata plugins, in their order and under its conditions")
    .addOption(
      new Option(
        "--by-source",
        "on each archive the plugin that reads its source: tag, with the address as its argument",
      ).conflicts("arg"),
    )
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
