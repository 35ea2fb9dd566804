import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("comet");

test("the elements become tags, title and summary", async () => {
  const result = await run({ archive: { files: { "CoMet.xml": sample("comet", "CoMet.xml") } } });
  assertTags(result, [
    ...["series:Night Walks", "issue:3", "volume:2", "publisher:Slow Books", "date:2021-03-09", "Adventure"],
    ...[
      "Slice of Life",
      "character:Snail",
      "format:Web",
      "language:english",
      "age_rating:Everyone",
      "pages:24",
    ],
    ...["rights:Slow Books 2021", "source:example.org/night-walks/3", "writer:A. Author", "artist:P. Encil"],
    ...["artist:C. Over", "letterer:L. Etterer", "editor:E. Ditor", "reading_direction:right to left"],
  ]);
  expect(result).toMatchObject({
    title: "The Snail and the Moon",
    summary: "A snail sets out to see the moon.",
  });
});

test("elements may have a prefix, and an identifier need not be an address", async () => {
  const xml =
    '<c:comet xmlns:c="http://www.denvog.com/comet/"><c:title>T</c:title><c:identifier>NW-3</c:identifier></c:comet>';
  const result = await run({ archive: { files: { "comet.xml": xml } } });
  assertTags(result, ["identifier:NW-3"]);
  expect(result.title).toBe("T");
});

test("an archive without the file gives nothing", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
});
