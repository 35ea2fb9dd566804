import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("comic-info-full");
const full = sample("comic-info-full", "ComicInfo-2.1.xml");

test("every field of the version 2.1 becomes a tag, the title or the summary", async () => {
  const result = await run({ archive: { comicInfo: full } });
  assertTags(result, [
    ...["series:Night Walks Collected", "issue:3", "issue_count:12", "volume:2021"],
    ...["alternate_series:Lunar Crossing", "alternate_issue:1", "alternate_issue_count:2"],
    ...["writer:A. Author", "writer:B. Author", "artist:P. Encil", "artist:I. Nker", "artist:C. Olorist"],
    ...["artist:C. Over", "letterer:L. Etterer", "editor:E. Ditor", "translator:T. Ranslator"],
    ...["publisher:Slow Books Ltd.", "imprint:Shell", "Adventure", "Slice of Life", "snail", "night"],
    ...["source:example.org/night-walks/3", "source:example.com/3", "pages:24", "language:english"],
    ...["format:Web", "black and white", "manga", "reading_direction:right to left"],
    ...["character:Snail", "character:Moon", "team:The Slow", "location:Garden", "scan:(300 dpi)"],
    ...["arc:Departure", "arc_issue:Departure 2", "arc:Arrival", "arc_issue:Arrival 1"],
    ...["series_group:Garden Tales", "age_rating:Everyone 10+", "community_rating:4.5"],
    ...["main_character:Snail", "gtin:9780000000002", "date:2021-03-09"],
  ]);
  expect(result).toMatchObject({
    title: "The Snail and the Moon",
    summary: "A snail sets out to see the moon.",
  });
});

test("the notes and the review are added to the summary only if that is set", async () => {
  const result = await run({ archive: { comicInfo: full }, settings: { notes: true } });
  expect(result.summary).toBe("A snail sets out to see the moon.\n\nTagged by hand.\n\nSlow, but worth it.");
});

test("values that the schema writes for unknown ones give no tag", async () => {
  const comicInfo = {
    Count: -1,
    Volume: -1,
    PageCount: 0,
    Manga: "Unknown",
    BlackAndWhite: "No",
    AgeRating: "Unknown",
  };
  assertTags(await run({ archive: { comicInfo } }), []);
});

test("an archive without the file gives nothing, and another XML file an error", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  await expect(run({ archive: { comicInfo: "<html/>" } })).rejects.toThrow(
    "ComicInfo.xml is no ComicInfo file.",
  );
});
