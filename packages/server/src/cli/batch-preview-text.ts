import { type BatchPreview, quoteText, type TriedArchive } from "@hitagi/contract";
import { archivesText, countsText, fieldsText, outcomeText } from "./batch-text.ts";
import { failureText } from "./failure.ts";
import type { Lines } from "./safe-text.ts";

/** What would be written, what the field policy holds back, and why plugins did not run or failed: a line each. */
const detailsOf = ({ trial: { steps, before, after }, skipped }: TriedArchive): string[] => {
  const added = steps.flatMap(({ changes }) => changes.tags);
  return [
    before.title === after.title ? "" : `title: ${quoteText(after.title)}`,
    added.length > 0 ? `tags: ${quoteText(added.join(", "))}` : "",
    before.summary === after.summary ? "" : `summary: ${quoteText(after.summary)}`,
    fieldsText(steps.flatMap(({ heldBack }) => heldBack)),
    ...steps.flatMap(({ plugin, error }) => (error ? [`${plugin}: ${failureText(error)}`] : [])),
    ...steps.flatMap((step) => (step.skipped ? [`${step.plugin}: ${step.skipped.text}`] : [])),
    skipped?.text ?? "",
  ].filter(Boolean);
};

/** An outcome of a trial in words: `would change`. */
const trialText = (outcome: string): string =>
  outcome === "changed" ? "would change" : outcomeText(outcome);

const archiveLines = (tried: TriedArchive): string[] => [
  `${quoteText(tried.trial.archive.file)} ${trialText(tried.outcome)}`,
  ...detailsOf(tried).map((line) => `  ${line}`),
];

/** What a batch would do: each tried archive with its changes, and a sentence about all. */
export const previewLines = ({ archives, plugins, tried, counts }: BatchPreview): Lines => {
  const names = plugins.map(({ plugin }) => plugin).join(", ") || "no plugin";
  const head = `The batch would run ${names} on ${archivesText(archives)}.`;
  if (tried.length === 0) return head;
  const which = tried.length < archives ? `Of the first ${tried.length}` : "Of these";
  return [...tried.flatMap(archiveLines), "", head, `${which}: ${countsText(counts, trialText)}.`];
};
