import { type BatchPreview, quoteText, type TriedArchive } from "@hitagi/contract";
import { archivesText, countsText, fieldsText, outcomeText } from "./batch-text.ts";
import { failureText } from "./failure.ts";
import type { Io } from "./io.ts";
import type { Lines } from "./safe-text.ts";
import { type Columns, table } from "./table.ts";

/** What would be written, what the field policy holds back, and why plugins did not run or failed. */
const whatText = ({ trial: { steps, before, after }, skipped }: TriedArchive): string => {
  const added = steps.flatMap(({ changes }) => changes.tags);
  const heldBack = steps.flatMap((step) => step.heldBack);
  return [
    before.title === after.title ? "" : `title: ${quoteText(after.title)}`,
    added.length > 0 ? `tags: ${quoteText(added.join(", "))}` : "",
    before.summary === after.summary ? "" : "summary",
    fieldsText(heldBack),
    ...steps.flatMap(({ plugin, error }) => (error ? [`${plugin}: ${failureText(error)}`] : [])),
    ...steps.flatMap((step) => (step.skipped ? [`${step.plugin}: ${step.skipped.text}`] : [])),
    skipped?.text ?? "",
  ]
    .filter(Boolean)
    .join("; ");
};

const columns: Columns<TriedArchive> = {
  PATH: ({ trial }) => trial.archive.file,
  TITLE: ({ trial }) => trial.archive.title,
  OUTCOME: ({ outcome }) => outcomeText(outcome),
  WHAT: whatText,
};

/** What a batch would do: a row for each tried archive, and a sentence about all. */
export const previewLines = (io: Io, { archives, plugins, tried, counts }: BatchPreview): Lines => {
  const names = plugins.map(({ plugin }) => plugin).join(", ") || "no plugin";
  const head = `The batch would run ${names} on ${archivesText(archives)}.`;
  if (tried.length === 0) return head;
  const which = tried.length < archives ? `Of the first ${tried.length}` : "Of these";
  return [table(io, columns, tried), "", head, `${which}: ${countsText(counts)}.`];
};
