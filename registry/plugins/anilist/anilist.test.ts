import { assertRequests, assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("anilist");
const url = "https://graphql.anilist.co/";

const tags = [
  ...[
    "series:Night Walks",
    "writer:A. Author",
    "artist:A. Author",
    "staff:H. Elper",
    "Adventure",
    "Slice of Life",
  ],
  ...[
    "Animals",
    "format:one shot",
    "status:finished",
    "country:JP",
    "date:2020-03",
    "source:anilist.co/manga/42",
  ],
];

test("the most alike of the works that the search finds, by one request", async () => {
  const result = await run({ archive: { title: "Yoru no Sanpo - Volume 2 [Digital]" } });
  assertTags(result, tags);
  assertRequests(result, ["POST https://graphql.anilist.co/"]);
  expect([result.title, result.summary]).toEqual([undefined, "A snail sets out\n\nto see the moon."]);
});

test("tags that fewer users agree with are added if that is set", async () => {
  const result = await run({ archive: { title: "Night Walks" }, settings: { rank: 20 } });
  assertTags(result, [...tags, "Rural"]);
});

test("the work of a pasted address", async () => {
  const media = [{ id: 7, title: { romaji: "Kabe" }, genres: ["Drama"] }];
  const http = [{ method: "POST", url, json: { data: { Page: { media } } } }];
  const result = await run({ arg: "https://anilist.co/manga/7/Kabe/", archive: {}, http });
  assertTags(result, ["series:Kabe", "Drama", "source:anilist.co/manga/7"]);
});

test("works that are not alike give nothing, and an error of the site is said", async () => {
  expect((await run({ archive: { title: "Another comic" } })).value).toEqual({ tags: [] });
  const http = [{ method: "POST", url, json: { errors: [{ message: "Too complex." }], data: null } }];
  await expect(run({ archive: {}, http })).rejects.toThrow("AniList answered: Too complex.");
  const busy = [{ method: "POST", url, status: 429, headers: { "retry-after": "60" } }];
  await expect(run({ archive: {}, http: busy })).rejects.toThrow("Try again in 60 seconds.");
});
