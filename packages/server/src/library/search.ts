import type { ArchiveRecord } from "../store/types.ts";

/** Records whose title, tags or file hold every word, without case, in the order given. */
export const matching = (records: readonly ArchiveRecord[], text: string, limit: number): ArchiveRecord[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = ({ title, tags, file }: ArchiveRecord) => {
    const all = `${title}\n${tags}\n${file}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const found: ArchiveRecord[] = [];
  for (const record of records) {
    if (found.length >= limit) break;
    if (holds(record)) found.push(record);
  }
  return found;
};
