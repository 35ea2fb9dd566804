import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { hashFile, sha256Of } from "../../src/disk/sha256.ts";
import { tempFolder } from "../support/temp-folder.ts";

// FIPS 180-4, example "abc".
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("hashes bytes, text and files; the hash of a missing file is undefined", async () => {
  expect([sha256Of("abc"), sha256Of(Buffer.from("abc"))]).toEqual([ABC, ABC]);
  const folder = await tempFolder();
  await writeFile(path.join(folder, "a"), "abc");
  expect(await hashFile(folder, "a")).toBe(ABC);
  expect([await hashFile(folder, "b"), await hashFile(folder, "a/b")]).toEqual([undefined, undefined]);
});
