import { expect, test } from "vitest";
import { selectArchives } from "../../src/library/select.ts";
import type { ArchiveSelection } from "../../src/library/types.ts";
import type { ArchiveRecord } from "../../src/store/types.ts";

/** The most characters of tags that an archive takes, and of a search. */
const [MOST_TAGS, MOST_WANTED] = [262_144, 4096];

/** As many short tags as these characters hold. */
const manyTags = (characters: number): string[] => {
  const tags: string[] = [];
  for (let left = characters; left > 8; left -= (tags.at(-1)?.length ?? 0) + 1)
    tags.push(tags.length.toString(36));
  return tags;
};

/** Archives whose tags a plugin or a key filled; a space that is none makes each tag be looked at. */
const filled = (count: number, tags: string): ArchiveRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ id: n.toString(16).padStart(40, "0"), file: `${n}.cbz`, title: "", tags, summary: "" },
    ...{ size: 1, pages: 1, added: n },
  }));

/** Milliseconds of the processor that a search takes: the least of three. */
const costOf = async (records: ArchiveRecord[], selection: ArchiveSelection): Promise<number> => {
  const costs: number[] = [];
  for (let n = 0; n < 3; n++) {
    const before = process.cpuUsage();
    await selectArchives(records, selection);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000);
  }
  return Math.min(...costs);
};

test("a search for a thousand tags costs about what one for a tag costs", async () => {
  const tags = manyTags(MOST_TAGS);
  const records = filled(4, `${tags.join(",")}\u00a0`);
  const last = tags.slice(-Math.floor(MOST_WANTED / 6));
  expect(last.length).toBeGreaterThan(600);
  const one = await costOf(records, { tag: last.at(-1) });
  // Each wanted tag beside each tag of an archive would be 600 times as much.
  expect(await costOf(records, { tag: last.join(",") })).toBeLessThan(5 * one + 50);
  const beginnings = Array.from({ length: 600 }, (_, n) => `${n.toString(36)}:`).join(",");
  expect(await costOf(records, { tag: beginnings })).toBeLessThan(5 * one + 50);
});

test("other work goes on between few archives, also where each of them takes long", async () => {
  const records = filled(64, `${manyTags(MOST_TAGS).join(",")}\u00a0`);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await selectArchives(records, { untagged: true });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
});

test("the tags are found as before", async () => {
  const records = filled(1, "Artist:A,  b\u00a0c ,d,d,f:,g:h:i");
  const has = async (tag: string) => (await selectArchives(records, { tag })).total === 1;
  for (const tag of ["artist:a", "artist:", "B c", "d", "f:", "g:", "g:h:", "artist:,f:,d", "d,D"])
    expect(await has(tag), tag).toBe(true);
  for (const tag of ["artist", "b", "f", "g:h", "h:", "artist:,x", "artist:a b"])
    expect(await has(tag), tag).toBe(false);
});
