import { expect, test } from "vitest";
import { diskStateOf, fullestDisk } from "../../src/disk/free-space.ts";
import { tempFolder } from "../support/temp-folder.ts";

test.each([
  [0, "full"],
  [63_999_999, "full"],
  [64_000_000, "low"],
  [999_999_999, "low"],
  [1_000_000_000, "ok"],
])("a disk with %i free bytes is %s", (free, state) => {
  expect(diskStateOf(free)).toBe(state);
});

test("a folder that is not there says nothing of its disk", async () => {
  const folder = await tempFolder();
  expect(await fullestDisk([`${folder}/nothing`])).toBeUndefined();
  expect(await fullestDisk([folder, `${folder}/nothing`])).toBe(await fullestDisk([folder]));
});
