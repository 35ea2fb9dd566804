import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("epub-opf");

const container = (path: string): string =>
  `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="${path}"/></rootfiles></container>`;

test("the package that the container names is read, of the version 3", async () => {
  const files = {
    "META-INF/container.xml": container("OEBPS/book.opf"),
    "OEBPS/book.opf": sample("epub-opf", "epub3.opf"),
    "other.opf": sample("epub-opf", "epub2.opf"),
  };
  const result = await run({ archive: { name: "book.epub", files } });
  assertTags(result, [
    ...["isbn:9780000000002", "language:english", "writer:A. Author", "artist:I. Llustrator"],
    ...[
      "translator:T. Ranslator",
      "publisher:Slow Books",
      "date:2021-03-09",
      "Adventure",
      "Snails fictional",
    ],
    ...["source:example.org/night-walks/3", "series:Night Walks", "issue:3"],
  ]);
  expect(result).toMatchObject({
    title: "The Snail and the Moon",
    summary: "A snail sets out to see the moon.",
  });
});

test("a package of the version 2, with the series of Calibre, is found without a container", async () => {
  const result = await run({ archive: { files: { "content.opf": sample("epub-opf", "epub2.opf") } } });
  assertTags(result, [
    "artist:P. Encil",
    "isbn:0306406152",
    "language:german",
    "series:Night Walks",
    "issue:4",
  ]);
  expect(result.title).toBe("The Wall");
});

test("an archive without a package gives nothing, and one without metadata an error", async () => {
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
  await expect(run({ archive: { files: { "a.opf": "<package/>" } } })).rejects.toThrow(
    "a.opf has no metadata.",
  );
});
