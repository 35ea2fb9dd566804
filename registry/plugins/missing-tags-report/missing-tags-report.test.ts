import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("missing-tags-report");

const library = [
  { name: "a.cbz", title: "A", tags: ["artist:x", "language:english", "source:example.org/1"] },
  { name: "b.cbz", title: "B", tags: ["Artist:x"], pages: 2 },
  { name: "c.cbz", title: "C", tags: ["artistic"], pages: 3 },
];

test("the archives that lack most come first", async () => {
  const { value, changes } = await run({ library });
  expect(value).toMatchObject({
    archives: 3,
    complete: 1,
    missing: { artist: 1, language: 2, source: 2 },
    list: [
      { title: "C", missing: ["artist", "language", "source"] },
      { title: "B", missing: ["language", "source"] },
    ],
  });
  expect(changes).toEqual([]);
});

test("the namespaces of the argument, and the length of the list", async () => {
  const { value } = await run({ library, arg: "language:, artist", settings: { list: 1 } });
  expect(value).toMatchObject({ missing: { language: 2, artist: 1 }, list: [{ title: "C" }] });
  await expect(run({ library, arg: " , " })).rejects.toThrow("Name at least one namespace");
});
