import type { Batch, BatchOutcome } from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import {
  batchCountsText,
  failureLines,
  itemColumns,
  outcomeText,
  pauseText,
  stateText,
} from "../batch-text.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Lines } from "../safe-text.ts";
import { noteNextPage, type PageOptions, type Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { type JobOptions, retryBatch } from "./batch-run.ts";

interface ReportOptions extends PageOptions, JobOptions {
  outcome?: BatchOutcome;
  failed?: boolean;
  retry?: boolean;
}

const newest = async ({ client }: Session): Promise<number> => {
  const [batch] = (await client.listBatches({ query: { size: 1 } })).batches;
  if (batch) return batch.job;
  throw new CommandFailed(
    "No batch has run in the last week.",
    "Run one: `hitagi batch run --enabled --all`.",
  );
};

const pluginText = ({ plugin, by_source: bySource, tag_rules: tagRules }: Batch): string => {
  if (tagRules) return "the tag rules";
  return plugin ?? (bySource ? "plugins by source" : "all enabled plugins");
};

const headLines = (batch: Batch): string[] => [
  `Batch ${batch.job} of ${pluginText(batch)} ${stateText(batch)}.`,
  `${batchCountsText(batch)}.`,
  ...(batch.error === null ? [] : [batch.error]),
  ...batch.pauses.map((one) => pauseText(one, batch.job)),
];

/** What stands in place of the table where no archive has the outcome that is asked for. */
const noneText = (outcome: BatchOutcome): string =>
  outcome === "failed" ? "No archive has failed." : `No archive has the outcome ${outcomeText(outcome)}.`;

export const reportBatch = async (
  session: Session,
  given: number | undefined,
  { outcome, failed, retry, page, size, ...options }: ReportOptions,
): Promise<void> => {
  if (retry && !failed) {
    throw new UsageError("Only archives on which a plugin failed are run again.", "Use --failed --retry.");
  }
  if (failed && outcome !== undefined)
    throw new UsageError("Use either --failed or --outcome.", "Leave one out.");
  const job = given ?? (await newest(session));
  if (retry) return retryBatch(session, job, options);
  const query = { outcome: failed ? ("failed" as const) : outcome, page, size };
  const { batch, counts, failures, total, items } = await session.client.getBatch({ params: { job }, query });
  session.print(
    { batch, counts, failures, total, page, size, items },
    (): Lines => [
      ...headLines(batch),
      ...(failures.length > 0 ? ["", "Failures by reason:", ...failureLines(failures)] : []),
      ...(items.length > 0 ? ["", table(session.io, itemColumns, items)] : []),
      ...(total === 0 && query.outcome ? ["", noneText(query.outcome)] : []),
    ],
  );
  noteNextPage(session, { total, page, size, items });
  if (failures.length > 0 && !failed && batch.finished !== null) {
    session.say(`To run them again: \`hitagi batch report ${job} --failed --retry\`.`);
  }
};

const columns: Columns<Batch> = {
  BATCH: "job",
  PLUGIN: pluginText,
  STATE: (b) =>
    (b.paused
      ? "paused"
      : b.pausing
        ? "pausing"
        : { active: "running", inactive: "waiting", failed: "stopped" }[b.state as string]) ?? "ended",
  CREATED: (b) => minuteText(b.created),
  RESULT: batchCountsText,
};

export const listBatches = async (session: Session, { size }: { size: number }): Promise<void> => {
  const { batches } = await session.client.listBatches({ query: { size } });
  const empty = "No batch has run in the last week. Run one with `hitagi batch run --enabled --all`.";
  session.printTable(batches, columns, empty);
  for (const batch of batches) {
    if (batch.pauses.length > 0)
      session.say(batch.pauses.map((one) => `Batch ${batch.job}: ${pauseText(one, batch.job)}`));
  }
};
