import type { BatchCounts, BatchFailure, Input, JobDetail, SourceCounts } from "@hitagi/contract";
import { previewLines } from "../batch-preview-text.ts";
import { archivesText, countsText, failureLines, keptColumns, pauseText } from "../batch-text.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseArchive } from "../lookup.ts";
import type { Session } from "../session.ts";
import { sourceLines } from "../source-counts.ts";
import { table } from "../table.ts";
import { sayUndo } from "../undo.ts";

export interface JobOptions {
  detach?: boolean;
  yes?: boolean;
}

export interface RunOptions extends JobOptions {
  plugin?: string;
  enabled?: boolean;
  bySource?: boolean;
  all?: boolean;
  arg?: string;
  dryRun?: boolean;
  size?: number;
}

/** Archives that an undo names which it did not restore. */
const NAMED = 20;

const failedArchives = (counts: BatchCounts, failures: readonly BatchFailure[], batch: number) =>
  new CommandFailed(
    [`A plugin failed on ${archivesText(counts.failed)}.`, ...failureLines(failures)],
    `\`hitagi batch report ${batch} --failed\` lists them, and with \`--retry\` runs them again.`,
  );

/**
 * Says once when a plugin of the batch pauses, also where the batch itself pauses later.
 * @throws CommandFailed if the batch waits for its owner, who paused it or whose login fails
 */
const createPauseNotes = ({ client, say }: Session, batch: number) => {
  const looked = new Set<string>();
  const told = new Set<string>();
  const sayNew = (lines: string[]): void => {
    say(lines.filter((line) => !told.has(line)));
    for (const line of lines) told.add(line);
  };
  return async ({ state, notes, delayed, time }: JobDetail): Promise<void> => {
    const waits = state === "inactive" && Number(delayed) > Number(time);
    const key = `${waits} ${notes.paused ?? ""}`;
    if ((!notes.paused && !waits) || looked.has(key)) return;
    looked.add(key);
    const { batch: now } = await client.getBatch({ params: { job: batch }, query: { size: 1 } });
    const lines = now.pauses.map((one) => pauseText(one, batch));
    if (now.paused && now.resumes === null) {
      throw new CommandFailed(
        [`Batch ${batch} is paused, and keeps its place.`, ...lines],
        `${lines.length > 0 ? "When that is put right" : "To go on"}: \`hitagi batch resume ${batch}\`. \`hitagi job cancel ${batch}\` ends it.`,
      );
    }
    const goOn = `To go on now: \`hitagi batch resume ${batch}\`. It also goes on without this command.`;
    sayNew([...lines, ...(now.paused ? [goOn] : [])]);
  };
};

/** Waits for a batch and prints its counts; with `detach` it does not wait. @throws CommandFailed if a plugin failed on an archive */
export const followBatch = async (
  session: Session,
  batch: number,
  { detach, sources }: { detach?: boolean | undefined; sources?: SourceCounts | undefined },
): Promise<void> => {
  session.say(
    `Batch ${batch}: see \`hitagi batch report ${batch}\`; \`hitagi batch undo ${batch}\` reverts it.`,
  );
  if (detach) {
    session.print({ job: batch, sources }, () => `Job ${batch} was queued.`);
    return;
  }
  const ended = await waitForJob(session, batch, { onLook: createPauseNotes(session, batch) });
  const counts = resultOf(ended) as BatchCounts;
  const { failures } = await session.client.getBatch({ params: { job: batch }, query: { size: 1 } });
  session.print({ job: batch, batch, counts, failures, sources }, () => `${countsText(counts)}.`);
  if (counts.failed > 0) throw failedArchives(counts, failures, batch);
};

/** Shows which sources plugins read. @throws CommandFailed if they read none of these archives' */
const countedSources = async (session: Session, ids: string[] | undefined): Promise<SourceCounts> => {
  const { counts } = await session.client.countSources({ body: { ids } });
  if (counts.readable === 0) {
    throw new CommandFailed(
      sourceLines(counts),
      "`hitagi search --type metadata` lists plugins. A plugin that is installed must say which addresses it reads (url_regex or source_regex).",
    );
  }
  session.say(sourceLines(counts));
  return counts;
};

/** Shows what a batch would do, of the first archives in detail. */
const previewBatch = async (
  session: Session,
  body: Input<"startBatch">["body"],
  size: number | undefined,
): Promise<void> => {
  const { preview } = await session.client.previewBatch({ body: { ...body, size } });
  session.print(preview, previewLines);
  session.say("This was a trial: nothing was stored.");
};

export const runBatch = async (session: Session, archives: string[], options: RunOptions): Promise<void> => {
  const { plugin, enabled, bySource, all, arg, dryRun, size } = options;
  if (size !== undefined && !dryRun)
    throw new UsageError("--size is for --dry-run.", "Add --dry-run, or leave --size out.");
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
  const body = { plugin, by_source: bySource, arg, ...(all ? { all } : { ids }) };
  const sources = bySource ? await countedSources(session, all ? undefined : ids) : undefined;
  if (dryRun) return previewBatch(session, body, size);
  if (all) {
    const what = plugin ?? (bySource ? "the plugins that read the sources" : "all enabled plugins");
    const ask = `Run ${what} on every archive, and store the results?`;
    await confirm(session.io, { what: "", ask, does: "run it", undo: "hitagi batch undo" }, options);
  }
  const { job } = await session.client.startBatch({ body });
  await followBatch(session, job, { detach: options.detach, sources });
};

export const retryBatch = async (session: Session, batch: number, options: JobOptions): Promise<void> => {
  const { job, archives } = await session.client.retryBatch({ params: { job: batch } });
  session.say(`Runs ${archivesText(archives)} again.`);
  await followBatch(session, job, options);
};

export const pauseBatch = async (session: Session, batch: number): Promise<void> => {
  const { job } = await session.client.pauseBatch({ params: { job: batch } });
  session.print({ job }, () => `Batch ${job} pauses. To go on: \`hitagi batch resume ${job}\`.`);
};

export const resumeBatch = async (session: Session, batch: number): Promise<void> => {
  const { job } = await session.client.resumeBatch({ params: { job: batch } });
  session.print({ job }, () => `Batch ${job} goes on.`);
  sayUndo(session.say, ["batch", "pause", String(job)]);
};

const undoneText = (restored: number, kept: number): string => {
  if (restored === 0 && kept === 0) return "Nothing is left to undo.";
  return restored === 0 ? "No archive was restored." : `Restored ${archivesText(restored)}.`;
};

/** The failure of an undo that was cancelled or interrupted, with what the batch has restored by then. */
const cutShort = async ({ client }: Session, batch: number, { error }: JobDetail): Promise<CommandFailed> => {
  const { counts } = await client.getBatch({ params: { job: batch }, query: { size: 1 } });
  const { undone, kept, changed } = counts;
  return new CommandFailed(
    [error ?? "The undo ended early.", `Of batch ${batch}: ${countsText({ undone, kept, changed })}.`],
    `\`hitagi batch undo ${batch}\` restores the others too.`,
  );
};

export const undoBatch = async (session: Session, batch: number, options: JobOptions): Promise<void> => {
  const ask = `Revert the changes of batch ${batch}?`;
  await confirm(session.io, { what: "", ask, does: "revert them", undo: "hitagi batch run" }, options);
  const { job } = await session.client.undoBatch({ params: { job: batch } });
  if (options.detach) {
    session.print({ job }, () => `Job ${job} was queued.`);
    return;
  }
  const ended = await waitForJob(session, job);
  if (ended.state === "failed") throw await cutShort(session, batch, ended);
  const counts = resultOf(ended) as BatchCounts & { restored: number };
  const query = { outcome: "kept" as const, size: NAMED };
  const { items: kept } = await session.client.getBatch({ params: { job: batch }, query });
  session.print({ job, batch, counts, kept }, () => [
    undoneText(counts.restored, counts.kept),
    ...(kept.length > 0
      ? [`${archivesText(counts.kept)} could not be restored:`, table(session.io, keptColumns, kept)]
      : []),
  ]);
  if (counts.kept === 0) return;
  session.say("If another batch changed them, undo that batch first, then this one again.");
};
