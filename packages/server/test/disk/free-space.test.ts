import { expect, test } from "vitest";
import { createFullestDisk, diskStateOf } from "../../src/disk/free-space.ts";
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
  const fullestDisk = createFullestDisk();
  expect(await fullestDisk([`${folder}/nothing`])).toBeUndefined();
  expect(await fullestDisk([folder, `${folder}/nothing`])).toBe(await fullestDisk([folder]));
});

test("a disk that does not answer is asked once, and its last answer counts until it answers again", async () => {
  const asked: string[] = [];
  const answers: ((free: number) => void)[] = [];
  const ask = (folder: string) => {
    asked.push(folder);
    return new Promise<number>((resolve) => answers.push(resolve));
  };
  const fullestDisk = createFullestDisk(ask, 1);
  const many = () => Promise.all(Array.from({ length: 20 }, () => fullestDisk(["data", "plugins"])));
  for (let round = 0; round < 3; round++) expect(new Set(await many())).toEqual(new Set([undefined]));
  expect(asked).toEqual(["data", "plugins"]);
  for (const answer of answers) answer(0);
  await new Promise(setImmediate);
  expect(await fullestDisk(["data"])).toBe("full");
  expect(new Set(await many())).toEqual(new Set(["full"]));
  expect(asked).toEqual(["data", "plugins", "data", "plugins"]);
});

test("a disk that stalls does not hide one that answers", async () => {
  const ask = (folder: string) => (folder === "dead" ? new Promise<number>(() => {}) : Promise.resolve(0));
  expect(await createFullestDisk(ask, 1)(["dead", "alive"])).toBe("full");
});
