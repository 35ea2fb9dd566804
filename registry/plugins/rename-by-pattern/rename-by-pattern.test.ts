import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("rename-by-pattern");

const library = [
  { name: "a.cbz", title: "Moonward", tags: ["artist:A. Author", "artist:P. Encil", "language:english"] },
  { name: "b.cbz", title: "[A. Author] The Wall", tags: ["artist:A. Author"], pages: 2 },
  { name: "c.cbz", title: "Alone", pages: 3 },
];

const renamed = async (given: object) => {
  const { value, changes } = await run({ library, ...given });
  const { changes: listed, ...rest } = value as {
    applied: boolean;
    archives: number;
    changes: { from: string; to: string }[];
    skipped: object[];
  };
  return {
    ...rest,
    listed: listed.map(({ from, to }) => [from, to]),
    changes: changes.map(({ title }) => title),
  };
};

test("the changes are listed, and none is made; a title that has the form already stays", async () => {
  expect(await renamed({})).toEqual({
    applied: false,
    archives: 3,
    listed: [["Moonward", "[A. Author, P. Encil] Moonward (english)"]],
    skipped: [],
    changes: [],
  });
});

test("the changes are made if that is set", async () => {
  const { applied, changes } = await renamed({ settings: { apply: true } });
  expect([applied, changes]).toEqual([true, ["[A. Author, P. Encil] Moonward (english)"]]);
});

test("archives without a required value are skipped, and words of the argument choose archives", async () => {
  const settings = { pattern: "{artist} - {filename}< ({series})>" };
  expect(await renamed({ settings, arg: "alone" })).toMatchObject({
    archives: 1,
    listed: [],
    skipped: [{ title: "Alone", missing: ["artist"] }],
  });
  expect((await renamed({ settings, arg: "wall" })).listed).toEqual([
    ["[A. Author] The Wall", "A. Author - b"],
  ]);
});

test("a pattern without a value is refused", async () => {
  await expect(run({ library, settings: { pattern: "Comic" } })).rejects.toThrow(
    "all titles would be the same",
  );
});
