import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("gallery-dl-info");
const archiveOf = (json: string | object) => ({ files: { "info.json": json } });

test("a list of tags that have their namespaces", async () => {
  const result = await run({ archive: archiveOf(sample("gallery-dl-info", "namespaces-in-tags.json")) });
  assertTags(result, [
    ...["language:english", "group:slow circle", "artist:a. author", "other:snails", "category:exhentai"],
    "source:https://exhentai.org/g/12345/0a1b2c3d4e",
  ]);
  expect(result.title).toBe("[Slow Circle (A. Author)] Moonward [English]");
});

test("an object with a list for each namespace", async () => {
  const result = await run({ archive: archiveOf(sample("gallery-dl-info", "tags-by-namespace.json")) });
  assertTags(result, [
    ...["general:garden", "general:night", "artist:a_author", "meta:comic", "category:e621"],
    "source:https://e621.net/pools/42",
  ]);
});

test("names without a namespace stay as they are, and without source and category there is no tag of them", async () => {
  const result = await run({
    archive: archiveOf({ title: "Gift", tags: ["cute", "sea snail"], date: "2024-11-01" }),
  });
  assertTags(result, ["cute", "sea snail"]);
  expect(result.title).toBe("Gift");
});

test("fields beside the tags become tags too, each once", async () => {
  const info = {
    ...{ title: "T", tags: ["glasses"], artist: ["alp"], group: [], parody: [], character: ["alice"] },
    ...{ characters: ["bob", "alice"], type: "manga", lang: "zh", language: "Chinese", category: "nhentai" },
  };
  assertTags(await run({ archive: archiveOf(info) }), [
    ...["glasses", "artist:alp", "character:alice", "character:bob", "language:Chinese", "type:manga"],
    "category:nhentai",
  ]);
});

test("the code of the language is taken where its name is missing", async () => {
  const info = { title: "T", tags: ["night"], lang: "en", type: "manga", category: "nhentai" };
  assertTags(await run({ archive: archiveOf(info) }), [
    "night",
    "language:en",
    "type:manga",
    "category:nhentai",
  ]);
});

test("tags of another form are an error, and the files of other downloaders give nothing", async () => {
  const wrong = archiveOf({ category: "x", tags: "a b" });
  await expect(run({ archive: wrong })).rejects.toThrow("info.json: tags is neither a list nor an object.");
  for (const other of [
    { title: "no tags" },
    { gallery_info: {} },
    { Title: "T", Tags: ["a"] },
    { manga_info: {} },
  ])
    expect((await run({ archive: archiveOf(other) })).value).toEqual({ tags: [] });
});
