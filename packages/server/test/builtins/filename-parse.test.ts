import { expect, test } from "vitest";
import { cbz } from "../library/cbz.ts";
import { denoForTests, realBroker, runPlugin } from "./fixture.ts";

const deno = denoForTests();
const plugin = "plugins/filename-parse.ts";

test.each<[string, object]>([
  [
    "(C99) [Circle (Artist, Second)] A Title (Parody) [English].zip",
    {
      title: "A Title",
      tags: [
        "event:C99",
        "group:Circle",
        "artist:Artist",
        "artist:Second",
        "parody:Parody",
        "language:english",
      ],
    },
  ],
  [
    "[Artist] A Title {Japanese} [Digital].cbz",
    { title: "A Title", tags: ["artist:Artist", "language:japanese"] },
  ],
  ["A Title.cbz", { title: "A Title", tags: [] }],
  ["A Title (2).cbz", { title: "A Title (2)", tags: [] }],
  [
    "[サークル (作者)] 題名 (原作) [Chinese].zip",
    {
      title: "題名",
      tags: ["group:サークル", "artist:作者", "parody:原作", "language:chinese"],
    },
  ],
  ["[unfinished (name.zip", { title: "[unfinished (name", tags: [] }],
])("%s", async (filename, expected) => {
  const { broker, add } = await realBroker();
  const archive = await add("a.zip", "", cbz(filename));
  expect(await runPlugin(deno(), broker, plugin, { archive: { ...archive, file: filename } })).toEqual(
    expected,
  );
});

test("the text in other brackets becomes tags if that is enabled", async () => {
  const { broker, add } = await realBroker();
  const archive = { ...(await add("a.zip")), file: "T [English] [Digital] {Decensored}.zip" };
  const given = { archive, settings: { keep_rest: true } };
  expect(await runPlugin(deno(), broker, plugin, given)).toEqual({
    title: "T",
    tags: ["language:english", "Digital", "Decensored"],
  });
});

test("a name that is hard to match takes about as long as another of the same length", async () => {
  const { broker, add } = await realBroker();
  const added = await add("a.zip");
  const timed = async (name: string): Promise<number> => {
    const began = performance.now();
    await runPlugin(deno(), broker, plugin, { archive: { ...added, file: `${name}.zip` } });
    return performance.now() - began;
  };
  const hard = `${"(a".repeat(60)}${"[b".repeat(60)}${" ".repeat(10)}`;
  const plain = "a".repeat(hard.length);
  await timed(plain);
  const plainMs = await timed(plain);
  expect(await timed(hard)).toBeLessThan(200 * plainMs);
});
