import type { ArchiveTexts } from "@hitagi/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinTags, splitTags } from "../../../src/library/tags.ts";
import { createArchiveEdits, overtakenFields, replayed } from "../../../src/plugins/use/archive-edits.ts";
import { openPlugins } from "../open-plugins.ts";

const texts: fc.Arbitrary<ArchiveTexts> = fc.record({
  title: fc.constantFrom("one", "two", "three"),
  tags: fc.subarray(["a", "b", "c:d", "e"]).map(joinTags),
  summary: fc.constantFrom("", "short", "long"),
});
const sorted = ({ tags, ...rest }: ArchiveTexts) => ({ ...rest, tags: splitTags(tags).sort() });

test("reverting a change restores the previous state", () => {
  fc.assert(
    fc.property(texts, texts, (from, to) => {
      expect(sorted(replayed(to, { from: to, to: from }))).toEqual(sorted(from));
      expect(overtakenFields(to, { from: to, to: from })).toEqual([]);
    }),
  );
});

test("applying a change twice has the same effect as applying it once", () => {
  fc.assert(
    fc.property(texts, texts, (from, to) => {
      const once = replayed(from, { from, to });
      expect(sorted(once)).toEqual(sorted(to));
      expect(replayed(once, { from, to })).toEqual(once);
      expect(overtakenFields(once, { from, to })).toEqual([]);
    }),
  );
});

test("a revert keeps later changes by others: their tags, title and summary", () => {
  const [before, after] = [
    { title: "old", tags: "a", summary: "" },
    { title: "new", tags: "a, b", summary: "found" },
  ];
  const undo = { from: after, to: before };
  const now = { title: "mine", tags: "a, b, c", summary: "found" };
  expect(replayed(now, undo)).toEqual({ title: "mine", tags: "a, c", summary: "" });
  expect(overtakenFields(now, undo)).toEqual(["title"]);
  expect(overtakenFields({ ...now, title: "old" }, undo)).toEqual([]);
});

test("nothing is written where the note before it fails, and the next edit has its turn", async () => {
  const { library, addArchive } = await openPlugins();
  const { id } = await addArchive("one", "a");
  const edit = createArchiveEdits(library);
  const add = (tag: string) => (now: ArchiveTexts) => ({ ...now, tags: `${now.tags}, ${tag}` });
  const refused = edit(id, add("b"), { before: () => Promise.reject(new Error("full")) });
  const next = edit(id, add("c"));
  await expect(refused).rejects.toThrow("full");
  expect((await next)?.to.tags).toBe("a, c");
  expect(await library.get(id)).toMatchObject({ tags: "a, c" });
  expect(await edit(id, (now) => now)).toBeUndefined();
});

test("edits on several servers at once lose none of each other's tags", async () => {
  const { library, store, addArchive } = await openPlugins();
  const { id } = await addArchive("one", "");
  // A delay between reading and writing, as over a network.
  const slow = {
    ...library,
    get: async (wanted: string) => {
      const record = await library.get(wanted);
      await new Promise(setImmediate);
      return record;
    },
  };
  const servers = [1, 2, 3].map(() => createArchiveEdits(slow, store.locks));
  const wanted = Array.from({ length: 15 }, (_, n) => `tag ${n}`);
  const add = (tag: string) => (now: ArchiveTexts) => ({
    ...now,
    tags: joinTags([...splitTags(now.tags), tag]),
  });
  await Promise.all(wanted.map((tag, n) => servers[n % 3]?.(id, add(tag))));
  expect(splitTags((await library.get(id)).tags).sort()).toEqual(wanted.sort());
});
