import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("hath-info");

test("title, tags, uploader and time of the upload, and nothing of the comment", async () => {
  const result = await run({
    archive: { files: { "galleryinfo.txt": sample("hath-info", "galleryinfo.txt") } },
  });
  assertTags(result, [
    ...["uploader:snailfan", "upload_time:2021-03-09 12:30", "language:english", "language:translated"],
    ...["artist:a. author", "other:snails"],
  ]);
  expect(result.title).toBe("Moonward");
});

test("a file without tags gives what it has, and an archive without the file nothing", async () => {
  assertTags(await run({ archive: { files: { "galleryinfo.txt": "Title: Moonward\r\nTags: \r\n" } } }), []);
  expect((await run({ archive: {} })).value).toEqual({ tags: [] });
});
