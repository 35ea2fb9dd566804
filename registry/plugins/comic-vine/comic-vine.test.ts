import { assertRequests, assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("comic-vine");
const settings = { key: "a-key-of-a-test" };
const API = "https://comicvine.gamespot.com/api";

const issue = [
  ...[
    "series:Night Walks",
    "issue:3",
    "writer:A. Author",
    "artist:P. Encil",
    "character:Snail",
    "team:The Slow",
  ],
  ...["location:Garden", "arc:Moonward", "date:2021-03-09"],
  "source:comicvine.gamespot.com/night-walks-3-the-snail-and-the-moon/4000-1042",
];
const volume = [
  ...[
    "series:Night Walks",
    "publisher:Slow Books",
    "date:2020",
    "source:comicvine.gamespot.com/night-walks/4050-9",
  ],
];

test("the issue whose number the title has", async () => {
  const result = await run({ archive: { title: "Night Walks #003 (2021) (Digital)" }, settings });
  assertTags(result, issue);
  assertRequests(result, [`GET ${API}/search/`, `GET ${API}/issues/`, `GET ${API}/issue/4000-1042/`]);
  expect(result).toMatchObject({
    title: "The Snail and the Moon",
    summary: "A snail sets out to see the moon.",
  });
});

test("the volume where the title has no number", async () => {
  const result = await run({ archive: { title: "Night Walks" }, settings });
  assertTags(result, volume);
  expect([result.title, result.summary]).toEqual([undefined, "A slow series."]);
});

test("the issue or volume of a pasted address, or of a source tag", async () => {
  const arg = "https://comicvine.gamespot.com/night-walks/4050-9/";
  assertTags(await run({ arg, archive: {}, settings }), volume);
  const tags = ["source:comicvine.gamespot.com/night-walks-3/4000-1042"];
  assertTags(await run({ archive: { tags }, settings }), issue);
});

test("a key that is missing or refused is said, and what does not exist gives nothing", async () => {
  await expect(run({ archive: {} })).rejects.toThrow("Set your key of Comic Vine's API");
  const given = { arg: "https://comicvine.gamespot.com/x/4050-8/", archive: {}, settings };
  const answer = (status_code: number, error: string) => [
    { url: `${API}/volume/4050-8/?api_key={{key}}&format=json`, json: { status_code, error, results: [] } },
  ];
  await expect(run({ ...given, http: answer(100, "Invalid API Key") })).rejects.toThrow("refuses the key");
  await expect(run({ ...given, http: answer(107, "Slow down") })).rejects.toThrow(
    "Comic Vine answered: Slow down",
  );
  expect((await run({ ...given, http: answer(101, "Object Not Found") })).value).toEqual({ tags: [] });
});
