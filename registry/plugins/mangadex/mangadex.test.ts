import { assertRequests, assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("mangadex");
const ID = "0f9d0a2e-6c1b-4c7e-9d58-3f1f6f1c2b3a";
const address = `https://mangadex.org/title/${ID}/night-walks`;

const tags = [
  ...["series:Night Walks", "writer:A. Author", "artist:P. Encil", "Adventure", "Slice of Life"],
  ...[
    "demographic:shounen",
    "content_rating:safe",
    "status:completed",
    "original_language:japanese",
    "date:2020",
  ],
  `source:mangadex.org/title/${ID}`,
];

test("the most alike of the works that the search finds, by one request", async () => {
  const result = await run({ archive: { title: "[A. Author] Night_Walks v03 (2020)" } });
  assertTags(result, tags);
  assertRequests(result, ["GET https://api.mangadex.org/manga"]);
  expect([result.title, result.summary]).toEqual([undefined, "A snail sets out to see the moon."]);
});

test("the work of a pasted address, or of a source tag", async () => {
  for (const given of [
    { arg: address, archive: { title: "any" } },
    { archive: { tags: [`source:mangadex.org/title/${ID}`] } },
  ]) {
    const result = await run(given);
    assertTags(result, tags);
    assertRequests(result, [`GET https://api.mangadex.org/manga/${ID}`]);
  }
});

test("the texts are those of the language that is set, where there are any", async () => {
  const result = await run({ arg: address, archive: {}, settings: { language: "de" } });
  expect(result.summary).toBe("Eine Schnecke bricht auf.");
  expect(result.tags).toContain("series:Night Walks");
});

test("a work that is not there, and titles that are not alike, give nothing", async () => {
  const url = `https://api.mangadex.org/manga/${ID}?includes%5B%5D=author&includes%5B%5D=artist`;
  const none = await run({
    arg: address,
    archive: {},
    http: [{ url, status: 404, json: { result: "error" } }],
  });
  expect(none.value).toEqual({ tags: [] });
  const other = await run({ arg: "Night Walks of the Long Summer", archive: {}, http: [otherSearch] });
  expect(other.value).toEqual({ tags: [] });
});

const otherSearch = {
  url: "https://api.mangadex.org/manga?title=Night+Walks+of+the+Long+Summer&limit=10&contentRating%5B%5D=safe&contentRating%5B%5D=suggestive&contentRating%5B%5D=erotica&includes%5B%5D=author&includes%5B%5D=artist",
  json: { result: "ok", data: [{ id: ID, type: "manga", attributes: { title: { en: "Night Walks" } } }] },
};

test("an address of another kind, a limit and a failure are said", async () => {
  await expect(run({ arg: "https://mangadex.org/author/1", archive: {} })).rejects.toThrow(
    "is no address of a work",
  );
  const url = `https://api.mangadex.org/manga/${ID}?includes%5B%5D=author&includes%5B%5D=artist`;
  const given = { arg: address, archive: {} };
  const busy = { url, status: 429, headers: { "retry-after": "30" } };
  await expect(run({ ...given, http: [busy] })).rejects.toThrow("Try again in 30 seconds.");
  await expect(run({ ...given, http: [{ url, status: 503 }] })).rejects.toThrow("MangaDex answered 503.");
  await expect(run({ ...given, http: [{ url, text: "<html>" }] })).rejects.toThrow(
    "something else than JSON",
  );
});
