import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assertTags } from "@hitagi/sdk/testing";
import { expect, onTestFinished, test } from "vitest";
import { sample, testPlugin } from "../../test/plugin.ts";

const run = testPlugin("eze-info");
const archiveOf = (json: string) => ({ files: { "info.json": json } });
const full = archiveOf(sample("eze-info", "full.json"));
const lite = archiveOf(sample("eze-info", "lite.json"));

const tags = [
  ...["language:english", "language:translated", "artist:a. author", "group:slow circle", "misc:snails"],
  ...["category:doujinshi", "source:e-hentai.org/g/12345/0a1b2c3d4e"],
];

test("namespaces, category and source become tags, and the title is trimmed", async () => {
  const result = await run({ archive: full });
  assertTags(result, tags);
  expect(result.title).toBe("[Slow Circle (A. Author)] Moonward [English]");
});

test("uploader and time are added if that is set, in seconds", async () => {
  const result = await run({ archive: full, settings: { additional_tags: true } });
  assertTags(result, [...tags, "uploader:snailfan", "timestamp:1615293060"]);
});

test("without the full form, the time is that of the upload in UTC, and an empty category gives no tag", async () => {
  const result = await run({ archive: lite, settings: { additional_tags: true } });
  assertTags(result, [
    ...["artist:a. author", "male:snail", "timestamp:1517540580", "source:website.org/g/99/abcdef0123"],
  ]);
});

test("the original title is taken if that is set and there is one", async () => {
  const settings = { origin_title: true };
  expect((await run({ archive: full, settings })).title).toBe("[スロー (著者)] 月へ");
  expect((await run({ archive: lite, settings })).title).toBe("Moonward");
});

test("the file beside the archive is read if its folder is granted", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "eze-info-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, "Moonward.json"), sample("eze-info", "lite.json"));
  const archive = { name: "Moonward.cbz" };
  expect((await run({ archive, files: [folder] })).title).toBe("Moonward");
  expect((await run({ archive })).value).toEqual({ tags: [] });
});

test("the files of other downloaders give nothing, and a text that is no JSON an error", async () => {
  expect((await run({ archive: archiveOf('{ "tags": ["a"] }') })).value).toEqual({ tags: [] });
  await expect(run({ archive: archiveOf("{ tags") })).rejects.toThrow("info.json is not valid JSON");
});
