import { assertRequests, assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("open-library");

const tags = [
  ...["series:Night walks", "writer:A. Author", "writer:P. Encil", "Snails fiction", "Moon", "Night"],
  ...["date:2020", "source:openlibrary.org/works/OL4242W"],
];

test("the most alike of the works that the search finds, and its description", async () => {
  const result = await run({ archive: { title: "Night Walks (2020)" } });
  assertTags(result, tags);
  assertRequests(result, [
    ...["GET https://openlibrary.org/search.json", "GET https://openlibrary.org/works/OL4242W.json"],
  ]);
  expect(result.summary).toBe("A snail sets out to see the moon.");
});

test.each([
  [{ arg: "https://openlibrary.org/works/OL4242W/Night_walks", archive: {} }],
  [{ arg: "https://openlibrary.org/books/OL77M", archive: {} }],
  [{ arg: "https://openlibrary.org/isbn/978-0-00-000000-2", archive: {} }],
  [{ archive: { tags: ["source:openlibrary.org/works/OL4242W"] } }],
  [{ archive: { tags: ["isbn:9780000000002"] } }],
])("the work of %j", async (given) => {
  assertTags(await run(given), tags);
});

test("only as many subjects as are set, and nothing where no work is alike", async () => {
  const few = await run({ archive: { title: "Night Walks" }, settings: { subjects: 1 } });
  expect(few.tags).toContain("Snails fiction");
  expect(few.tags).not.toContain("Moon");
  const url =
    "https://openlibrary.org/search.json?title=Other&fields=key%2Ctitle%2Cauthor_name%2Cfirst_publish_year%2Csubject&limit=10";
  const none = await run({ archive: { title: "Other" }, http: [{ url, json: { numFound: 0, docs: [] } }] });
  expect(none.value).toEqual({ tags: [] });
});
