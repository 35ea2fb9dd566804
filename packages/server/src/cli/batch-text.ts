import {
  type Batch,
  type BatchCounts,
  type BatchFailure,
  type BatchItem,
  type BatchPause,
  type HeldBack,
  quoteText,
} from "@hitagi/contract";
import { minuteText } from "../clock.ts";
import { failureText } from "./failure.ts";
import { fieldName } from "./format.ts";
import type { Columns } from "./table.ts";

/** An outcome in words: `nothing found`. */
export const outcomeText = (outcome: string): string => outcome.replaceAll("_", " ");

/** For example `3 changed, 1 nothing found`. */
export const countsText = (
  counts: Partial<BatchCounts> & { not_begun?: number },
  words: (outcome: string) => string = outcomeText,
): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${words(outcome)}`)
    .join(", ") || "no archive";

/** The same of a batch as a whole, with the archives that it has not come to. */
export const batchCountsText = ({ counts, not_begun }: Batch): string =>
  countsText({ ...counts, not_begun: not_begun ?? 0 });

/** A number of archives, with the right form of the word. */
export const archivesText = (count: number): string => `${count} archive${count === 1 ? "" : "s"}`;

/** When a pause ends. */
export const untilText = (until: number | null, batch: number): string =>
  until === null ? `until you run \`hitagi batch resume ${batch}\`` : `until ${minuteText(until)}`;

export const pauseText = ({ plugin, reason, until, code }: BatchPause, batch: number): string =>
  `${plugin} pauses ${untilText(until, batch)}: ${code === "LOGIN_FAILED" ? failureText({ code, message: reason }) : quoteText(reason)}`;

/** What a batch does or did, without its counts. */
export const stateText = ({ state, paused, pausing, finished, resumes, job }: Batch): string => {
  if (paused) return `is paused ${untilText(resumes, job)}`;
  if (pausing) return "pauses once the archives that it is at have ended";
  if (state === "active") return "is running";
  if (state === "inactive") return "waits for its turn";
  const at = finished === null ? "" : ` ${minuteText(finished)}`;
  return state === "failed" ? `was stopped${at}` : `ended${at}`;
};

/** One line for each reason: `12 archives, comic-info: … (a.cbz, b.cbz, …)`. */
export const failureLines = (failures: readonly BatchFailure[]): string[] =>
  failures.map(({ plugin, code, message, count, archives }) => {
    const names = archives.map(quoteText).join(", ") + (count > archives.length ? ", …" : "");
    const of = plugin === null ? "" : ` ${plugin}:`;
    return `  ${archivesText(count)},${of} ${failureText({ code, message })} (${names})`;
  });

const changesBetween = ({ before, after }: BatchItem): string[] => {
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

/** The fields that the field policy held back; empty for none. */
export const fieldsText = (heldBack: readonly Pick<HeldBack, "field">[]): string =>
  heldBack.length > 0
    ? `held back by policy: ${heldBack.map(({ field }) => fieldName(field)).join(", ")}`
    : "";

/** What plugins did to an archive, and what they could not. */
const changeText = (item: BatchItem): string => {
  const { outcome, errors, heldBack = [], waiting = [], skipped = [] } = item;
  const failures = errors.map(({ plugin, code, message }) =>
    plugin === null ? failureText({ code, message }) : `${plugin}: ${quoteText(message)}`,
  );
  return [
    ...changesBetween(item),
    fieldsText(heldBack),
    waiting.length > 0 ? `waits for ${waiting.join(", ")}` : "",
    ...failures,
    ...(outcome === "skipped" ? skipped.map(skipText) : []),
  ]
    .filter(Boolean)
    .join("; ");
};

export const itemColumns: Columns<BatchItem> = {
  PATH: ({ file, archive }) => file ?? archive,
  TITLE: "title",
  OUTCOME: ({ outcome }) => outcomeText(outcome),
  WHAT: changeText,
};

/** The columns of archives that an undo did not restore. */
export const keptColumns: Columns<BatchItem> = {
  PATH: ({ file, archive }) => file ?? archive,
  TITLE: "title",
  WHY: ({ errors }) => {
    const told = errors.find(({ plugin }) => plugin === null);
    return told ? failureText(told) : "It changed after the batch.";
  },
};
