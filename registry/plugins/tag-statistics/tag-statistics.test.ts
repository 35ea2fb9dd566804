import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("tag-statistics");

const library = [
  { name: "a.cbz", tags: ["artist:x", "artist:y", "night"] },
  { name: "b.cbz", tags: ["Artist:X", "night"], pages: 2 },
  { name: "c.cbz", pages: 3 },
];

test("tags are counted by namespace and by tag, without case", async () => {
  expect((await run({ library })).value).toEqual({
    archives: 3,
    untagged: 1,
    tags: 3,
    usedOnce: 1,
    namespaces: [
      { namespace: "", archives: 2, tags: 1 },
      { namespace: "artist", archives: 2, tags: 2 },
    ],
    most: [
      { tag: "artist:x", archives: 2 },
      { tag: "night", archives: 2 },
      { tag: "artist:y", archives: 1 },
    ],
  });
});

test("one namespace, and the length of the list", async () => {
  expect((await run({ library, arg: "artist:", settings: { top: 1 } })).value).toMatchObject({
    untagged: 1,
    tags: 2,
    most: [{ tag: "artist:x", archives: 2 }],
  });
});
