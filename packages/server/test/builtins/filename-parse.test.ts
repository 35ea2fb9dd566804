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

test("other brackets become tags where that is set", async () => {
  const { broker, add } = await realBroker();
  const archive = { ...(await add("a.zip")), file: "T [English] [Digital] {Decensored}.zip" };
  const given = { archive, settings: { keep_rest: true } };
  expect(await runPlugin(deno(), broker, plugin, given)).toEqual({
    title: "T",
    tags: ["language:english", "Digital", "Decensored"],
  });
});

test("a name made to be hard to match takes no time", async () => {
  const { broker, add } = await realBroker();
  const hard = `${"(a".repeat(60)}${"[b".repeat(60)}${" ".repeat(10)}.zip`;
  const archive = { ...(await add("a.zip")), file: hard };
  const began = performance.now();
  await runPlugin(deno(), broker, plugin, { archive });
  expect(performance.now() - began).toBeLessThan(3000);
});
