import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("acbf");
const archive = { files: { "comic/book.acbf": sample("acbf", "book.acbf") } };

const common = [
  ...["writer:Ada B. Author", "artist:inkling", "translator:Tom Ranslator", "slice of life", "adventure"],
  ...["character:Snail", "character:Moon", "language:english", "language:german", "series:Night Walks"],
  ...["volume:2", "issue:3", "age_rating:10+", "reading_direction:right to left", "publisher:Slow Books"],
  ...["date:2021-03-09", "isbn:9780000000002", "license:CC BY 4.0"],
];

test("the book's information becomes tags, title and summary", async () => {
  const result = await run({ archive });
  assertTags(result, [...common, "snail", "night"]);
  expect(result).toMatchObject({
    title: "The Snail and the Moon",
    summary: "A snail sets out.\n\nIt sees the moon.",
  });
});

test("the texts are those of the language that is set, or the first ones", async () => {
  const german = await run({ archive, settings: { language: "de" } });
  assertTags(german, [...common, "Schnecke"]);
  expect(german).toMatchObject({ title: "Die Schnecke und der Mond", summary: "Eine Schnecke bricht auf." });
  expect((await run({ archive, settings: { language: "fr" } })).title).toBe("The Snail and the Moon");
});

test("an archive without the file gives nothing, and a file without a book an error", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  await expect(run({ archive: { files: { "a.acbf": "<ACBF/>" } } })).rejects.toThrow(
    "a.acbf has no book-info.",
  );
});
