import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("metron-info");
const archiveOf = (xml: string) => ({ files: { "MetronInfo.xml": xml } });

test("every field becomes a tag, the title or the summary", async () => {
  const result = await run({ archive: archiveOf(sample("metron-info", "MetronInfo.xml")) });
  assertTags(result, [
    ...[
      "metron:1042",
      "comic_vine:7",
      "publisher:Slow Books",
      "imprint:Shell",
      "series:Night Walks",
      "volume:2",
    ],
    ...["format:Limited Series", "series_year:2020", "issue_count:12", "alternate_series:Nachtwege"],
    ...[
      "manga_volume:1-2",
      "issue:3",
      "alternate_issue:15",
      "date:2021-03-09",
      "pages:24",
      "Adventure",
      "snail",
    ],
    ...["arc:Moonward", "arc_issue:Moonward 1", "arc:Walls", "character:Snail", "team:The Slow"],
    ...["universe:Garden", "location:Garden", "reprint:Night Walks #001 (2010)", "isbn:9780000000002"],
    ...["upc:012345678905", "age_rating:Everyone", "community_rating:4.5", "source:example.org/issue/1042"],
    ...["writer:A. Author", "artist:A. Author", "artist:P. Encil", "editor:E. Ditor", "staff:B. Oss"],
    "language:english",
  ]);
  expect(result).toMatchObject({
    title: "Departure; The Wall",
    summary: "A snail sets out to see the moon.",
  });
});

test("the title of a collection comes before those of its stories", async () => {
  const xml =
    "<MetronInfo><CollectionTitle>All</CollectionTitle><Stories><Story>One</Story></Stories></MetronInfo>";
  expect((await run({ archive: archiveOf(xml) })).title).toBe("All");
});

test("an archive without the file gives nothing, and a malformed file an error with its line", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  await expect(run({ archive: archiveOf("<MetronInfo>\n<Number>1</Series>") })).rejects.toThrow("line 2");
});
