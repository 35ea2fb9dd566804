import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("find-duplicates");

const library = [
  { name: "a.cbz", title: "Moonward", tags: ["pages_hash:1111", "source:https://www.example.org/1/"] },
  { name: "b.cbz", title: "Moonward (copy)", tags: ["pages_hash:1111", "source:example.org/1"], pages: 2 },
  { name: "c.cbz", title: "moonward!", tags: ["source:example.org/2"], pages: 3 },
  { name: "d.cbz", title: "The Wall", tags: ["source:example.org/2", "pages_hash:2222"], pages: 4 },
];

const groupsOf = async (arg?: string) => {
  const { value } = await run({ library, ...(arg !== undefined && { arg }) });
  const { groups, ...counts } = value as { groups: { same: string; archives: { path: string }[] }[] };
  return {
    ...counts,
    groups: groups.map(({ same, archives }) => [same, ...archives.map(({ path }) => path)]),
  };
};

test("archives are listed once, with the surest reason that they share", async () => {
  expect(await groupsOf()).toEqual({
    archives: 4,
    withoutFingerprint: 1,
    groups: [
      ["pages", "a.cbz", "b.cbz"],
      ["source", "c.cbz", "d.cbz"],
      ["title", "a.cbz", "c.cbz"],
    ],
  });
});

test("one reason can be asked for", async () => {
  expect((await groupsOf("source")).groups).toEqual([
    ["source", "a.cbz", "b.cbz"],
    ["source", "c.cbz", "d.cbz"],
  ]);
  await expect(run({ library, arg: "size" })).rejects.toThrow("Compare one of: pages, source, title.");
});
