import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("koromo-info");

test("the fields become tags, whether they hold one text or a list", async () => {
  const result = await run({ archive: { files: { "Info.json": sample("koromo-info", "Info.json") } } });
  assertTags(result, [
    ...["Garden", "Night", "character:Snail", "character:Moon", "series:Original Work", "group:Slow Circle"],
    ...["artist:▲ Author", "magazine:Slow Monthly #1", "magazine:Slow Monthly #2", "language:English"],
    ...["category:manga", "source:https://www.example.org/moonward-english"],
  ]);
  expect(result.title).toBe("Moonward");
});

test("several artists, in a file of lower case", async () => {
  const info = { Artist: ["First", "Second"], Magazine: "Slow Monthly" };
  assertTags(await run({ archive: { files: { "info.json": info } } }), [
    ...["artist:First", "artist:Second", "magazine:Slow Monthly"],
  ]);
});

test("no file and the files of other downloaders give nothing", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  expect((await run({ archive: { files: { "info.json": { tags: ["a"] } } } })).value).toEqual({ tags: [] });
});
