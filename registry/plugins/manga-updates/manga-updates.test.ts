import { assertRequests, assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("manga-updates");
const SERIES = "GET https://api.mangaupdates.com/v1/series/55099564912";

const tags = [
  ...["series:Night Walks", "writer:A. Author", "artist:P. Encil", "Adventure", "Slice of Life", "Snail/s"],
  ...[
    "publisher:Slow Books",
    "type:Manga",
    "date:2020",
    "source:mangaupdates.com/series/pb8uwds/night-walks",
  ],
];

test("the most alike of the series that the search finds, and its most voted categories", async () => {
  const result = await run({ archive: { title: "Night Walks 04" }, settings: { categories: 1 } });
  assertTags(result, tags);
  assertRequests(result, ["POST https://api.mangaupdates.com/v1/series/search", SERIES]);
  expect(result.summary).toContain("It sees the moon.");
});

test("the series of a pasted address, whose id is in base 36", async () => {
  const result = await run({ arg: "https://www.mangaupdates.com/series/pb8uwds/night-walks", archive: {} });
  assertTags(result, [...tags, "Night"]);
  assertRequests(result, [SERIES]);
});

test("a search without a series that is alike gives nothing", async () => {
  const url = "https://api.mangaupdates.com/v1/series/search";
  const http = [{ method: "POST", url, json: { total_hits: 0, results: [] } }];
  expect((await run({ archive: { title: "Another comic" }, http })).value).toEqual({ tags: [] });
});
