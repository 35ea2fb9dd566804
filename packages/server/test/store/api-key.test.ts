import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readOrMakeApiKey } from "../../src/store/api-key.ts";
import { tempFolder } from "../support/temp-folder.ts";

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;
const posix = test.skipIf(process.platform === "win32");

test("a configured key wins and nothing is written", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "api-key"), "other\n");
  expect(await readOrMakeApiKey(folder, "mine")).toEqual({ key: "mine", made: false, wasOpen: false });
  expect(await readFile(path.join(folder, "api-key"), "utf8")).toBe("other\n");
});

test("the first start makes a key of 256 bits, later ones read it", async () => {
  const folder = await tempFolder();
  const made = await readOrMakeApiKey(folder, "");
  expect(made).toMatchObject({ made: true, wasOpen: false });
  expect(Buffer.from(made.key, "base64url")).toHaveLength(32);
  expect(await readOrMakeApiKey(folder, "")).toEqual({ key: made.key, made: false, wasOpen: false });
  expect(await readdir(folder)).toEqual(["api-key"]);
  expect((await readOrMakeApiKey(await tempFolder(), "")).key).not.toBe(made.key);
});

posix("the file is its owner's only, whatever the umask", async () => {
  const folder = await tempFolder();
  const before = process.umask(0);
  try {
    await readOrMakeApiKey(folder, "");
  } finally {
    process.umask(before);
  }
  expect(await modeOf(path.join(folder, "api-key"))).toBe(0o600);
});

posix("a file that others can read is told of once and set right", async () => {
  const folder = await tempFolder();
  const file = path.join(folder, "api-key");
  await writeFile(file, "known-to-all\n");
  await chmod(file, 0o644);
  expect(await readOrMakeApiKey(folder, "")).toEqual({ key: "known-to-all", made: false, wasOpen: true });
  expect(await modeOf(file)).toBe(0o600);
  expect(await readOrMakeApiKey(folder, "")).toMatchObject({ wasOpen: false });
});

test("an empty file counts as none", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "api-key"), "\n");
  expect(await readOrMakeApiKey(folder, "")).toMatchObject({ made: true });
});

test("a key that cannot be read or written is an error without the path", async () => {
  const folder = path.join(await tempFolder(), "absent");
  const failure = readOrMakeApiKey(folder, "");
  await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(failure).rejects.not.toThrow(folder);
});
