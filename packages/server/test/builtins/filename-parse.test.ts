import { expect, test } from "vitest";
import { stemOf } from "../../src/library/filename.ts";
import { cbz } from "../library/cbz.ts";
import { denoForTests, realBroker, runPlugin } from "./fixture.ts";

const deno = denoForTests();
const plugin = "plugins/filename-parse.ts";

/** The values of LANraragi's plugin for the same names, but for a comma in a name, which stays one tag. */
test.each<[string, object]>([
  [
    "(C99) [Circle (Artist, Second)] A Title (Series) [English].zip",
    {
      title: "A Title",
      tags: [
        ...[
          "artist:Artist",
          "artist:Second",
          "event:C99",
          "group:Circle",
          "language:English",
          "series:Series",
        ],
      ],
    },
  ],
  ["[Artist] A Title {Japanese} [Digital].cbz", { title: "A Title {Japanese}", tags: ["artist:Artist"] }],
  ["A Title.cbr", { title: "A Title", tags: [] }],
  ["A_Title.v2.tar.gz", { title: "A Title.v2", tags: [] }],
  ["[Artist] A Title (2).pdf", { title: "A Title", tags: ["artist:Artist"] }],
  [
    "[サークル (作者)] 題名 (原作) [Chinese].cb7",
    { title: "題名", tags: ["artist:作者", "group:サークル", "language:Chinese", "series:原作"] },
  ],
  ["[A] T (Love, War).zip", { title: "T", tags: ["artist:A", "series:Love War"] }],
  ["(Comic, 1) [A] T.epub", { title: "T", tags: ["artist:A", "event:Comic 1"] }],
  ["[unfinished (name.zip", { title: "unfinished", tags: [] }],
])("%s", async (filename, expected) => {
  const { broker, add } = await realBroker();
  const added = await add("a.zip", "", cbz(filename));
  const title = filename.replace(/(\.tar)?\.[^.]+$/, "");
  const archive = { ...added, file: filename, title };
  expect(await runPlugin(deno(), broker, plugin, { archive })).toEqual(expected);
});

test.each([
  [
    "decomposed, as macOS writes it",
    "[Re\u0301mi] Cafe\u0301 (Se\u0301rie).cbz",
    "[R\u00e9mi] Caf\u00e9 (S\u00e9rie)",
  ],
  [
    "with a number, because the library had one of that name",
    "[R\u00e9mi] Caf\u00e9 (S\u00e9rie) (2).zip",
    "[R\u00e9mi] Caf\u00e9 (S\u00e9rie)",
  ],
])("the name of a file is read where it is %s", async (_, file, title) => {
  const { broker, add } = await realBroker();
  const archive = { ...(await add("a.zip")), file, title };
  expect(await runPlugin(deno(), broker, plugin, { archive })).toEqual({
    title: "Caf\u00e9",
    tags: ["artist:R\u00e9mi", "series:S\u00e9rie"],
  });
});

test("the ending of a tar is taken off where it is one, as in the title of its archive", async () => {
  const { broker, add } = await realBroker();
  const titles: unknown[] = [];
  for (const file of ["[A] X.tar.cbz", "[A] X.tar.zst", "[A] X.TGZ"]) {
    const added = await add(`${titles.length}.zip`, "", cbz(file));
    const archive = { ...added, file, title: stemOf(file) };
    titles.push(((await runPlugin(deno(), broker, plugin, { archive })) as { title?: string }).title);
  }
  expect(titles).toEqual(["X.tar", "X", "X"]);
});

test("text in other brackets, trailing tags and a regular expression of LANraragi's are taken if that is set", async () => {
  const { broker, add } = await realBroker();
  const archive = { ...(await add("a.zip")), file: "[A] T [English] (rest) [Digital] {x, 7}.zip" };
  const run = async (settings: Record<string, string | boolean>) =>
    (await runPlugin(deno(), broker, plugin, { archive, settings })) as { tags: string[] };
  expect((await run({})).tags).toEqual(["artist:A", "language:English"]);
  expect((await run({ keep_rest: true, trailing_tags: true })).tags).toEqual([
    ...["artist:A", "language:English", "parsed:7", "parsed:Digital", "parsed:rest", "x"],
  ]);
  expect((await run({ regex: "\\[(?<artist2>[^]]+)\\] (?<title>\\S+) \\[(?<tag>[^]]+)\\]" })).tags).toEqual([
    "English",
    "artist:A",
  ]);
  await expect(run({ regex: "(" })).rejects.toThrow(/The setting regex is no regular expression/);
});

test("a title that another plugin has set stays, unless the setting says otherwise", async () => {
  const { broker, add } = await realBroker();
  const archive = { ...(await add("a.zip")), file: "[A] T.zip", title: "From a site" };
  expect(await runPlugin(deno(), broker, plugin, { archive })).toEqual({ tags: ["artist:A"] });
  const settings = { replace_title: true };
  expect(await runPlugin(deno(), broker, plugin, { archive, settings })).toEqual({
    title: "T",
    tags: ["artist:A"],
  });
});

test("a name that is hard to match takes about as long as another of the same length", async () => {
  const { broker, add } = await realBroker();
  const added = await add("a.zip");
  /** Milliseconds of the fastest of three runs: other programs of the machine seldom hold up all of them. */
  const timed = async (name: string): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const began = performance.now();
      await runPlugin(deno(), broker, plugin, { archive: { ...added, file: `${name}.zip` } });
      times.push(performance.now() - began);
    }
    return Math.min(...times);
  };
  const hard = `${"(a".repeat(60)}${"[b".repeat(60)}${" ".repeat(10)}`;
  const plain = "a".repeat(hard.length);
  await timed(plain);
  const plainMs = await timed(plain);
  expect(await timed(hard)).toBeLessThan(200 * plainMs);
});
