import { comparableText } from "@hitagi/contract";
import type { ArchiveRecord } from "../store/types.ts";

/** Records whose title, tags or file hold every word, without case and composition, in the order given. */
export const matching = (records: readonly ArchiveRecord[], text: string, limit: number): ArchiveRecord[] => {
  const words = comparableText(text).split(/\s+/).filter(Boolean);
  const holds = ({ title, tags, file }: ArchiveRecord) => {
    const all = comparableText(`${title}\n${tags}\n${file}`);
    return words.every((word) => all.includes(word));
  };
  const found: ArchiveRecord[] = [];
  for (const record of records) {
    if (found.length >= limit) break;
    if (holds(record)) found.push(record);
  }
  return found;
};
