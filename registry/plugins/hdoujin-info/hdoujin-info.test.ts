import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("hdoujin-info");

const common = [
  ...["author:A. Author", "artist:A. Author", "artist:P. Encil", "circle:Slow Circle", "language:English"],
  ...["series:Night Walks", "character:Snail", "character:Moon", "garden", "source:example.org/g/12345"],
];

test("info.json, with its fields in an object and its tags by namespace", async () => {
  const result = await run({ archive: { files: { "info.json": sample("hdoujin-info", "info.json") } } });
  assertTags(result, [...common, "female:tall girl", "other:snails", "other:night"]);
  expect(result).toMatchObject({ title: "Moonward", summary: "A snail sets out." });
});

test("info.json with its fields at the top, and a list of tags", async () => {
  const info = {
    title: "Moonward",
    artist: "P. Encil",
    tags: ["garden", "Garden"],
    url: "https://example.org/g/1/",
  };
  assertTags(await run({ archive: { files: { "info.json": info } } }), [
    ...["artist:P. Encil", "garden", "source:example.org/g/1"],
  ]);
});

test("info.txt: empty fields are left out, and tags that differ in case are one", async () => {
  const result = await run({ archive: { files: { "info.txt": sample("hdoujin-info", "info.txt") } } });
  assertTags(result, [...common, "night"]);
  expect(result).toMatchObject({ title: "Moonward", summary: "A snail sets out." });
});

test("info.txt with the line ends of Windows", async () => {
  const text = sample("hdoujin-info", "info.txt").replaceAll("\n", "\r\n");
  assertTags(await run({ archive: { files: { "info.txt": text } } }), [...common, "night"]);
});

test("no file and the files of other downloaders give nothing", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  const other = { category: "exhentai", tags: ["artist:a"], title: "T" };
  expect((await run({ archive: { files: { "info.json": other } } })).value).toEqual({ tags: [] });
});
