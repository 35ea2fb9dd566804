import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readOrCreateApiKey } from "../../src/keys/api-key-file.ts";
import type { KeyStore } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const none = { shared: async () => undefined };
const keyOf = (data: string, keys: Pick<KeyStore, "shared" | "first"> = none, apiKey = "") =>
  readOrCreateApiKey({ data, apiKey }, keys);

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;
const posix = test.skipIf(process.platform === "win32");

test("the configured key comes first, and no file is written", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "api-key"), "other\n");
  const keys = { shared: async () => "theirs", first: async () => "all" };
  expect(await keyOf(folder, keys, "mine")).toMatchObject({ key: "mine", file: undefined, isNew: false });
  expect(await readFile(path.join(folder, "api-key"), "utf8")).toBe("other\n");
});

test("the first start generates a key of 256 bits, and later starts read it", async () => {
  const folder = await tempFolder();
  const made = await keyOf(folder);
  expect(made).toMatchObject({ isNew: true, wasReadableByOthers: false });
  expect(Buffer.from(made.key, "base64url")).toHaveLength(32);
  expect(await keyOf(folder)).toMatchObject({ key: made.key, isNew: false, isReplaced: false });
  expect(await readdir(folder)).toEqual(["api-key"]);
  expect((await keyOf(await tempFolder())).key).not.toBe(made.key);
});

posix("the file has mode 0600 under every umask", async () => {
  const folder = await tempFolder();
  const before = process.umask(0);
  try {
    await keyOf(folder);
  } finally {
    process.umask(before);
  }
  expect(await modeOf(path.join(folder, "api-key"))).toBe(0o600);
});

posix("a file that others can read is reported once, and its mode is corrected", async () => {
  const folder = await tempFolder();
  const file = path.join(folder, "api-key");
  await writeFile(file, "known-to-all\n");
  await chmod(file, 0o644);
  const kept = { key: "known-to-all", file, isNew: false, isExternal: false, isReplaced: false };
  expect(await keyOf(folder)).toEqual({ ...kept, wasReadableByOthers: true });
  expect(await modeOf(file)).toBe(0o600);
  expect(await keyOf(folder)).toEqual({ ...kept, wasReadableByOthers: false });
});

test("an empty file counts as missing", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "api-key"), "\n");
  expect(await keyOf(folder)).toMatchObject({ isNew: true });
});

test("the error for a key that cannot be read or written does not name the path", async () => {
  const folder = path.join(await tempFolder(), "absent");
  const failure = keyOf(folder);
  await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(failure).rejects.not.toThrow(folder);
});

describe("on a store that several servers share", () => {
  /** A store that keeps the first key that it is given. */
  const storeOfAll = (theirs?: string): Pick<KeyStore, "shared" | "first"> => {
    let kept: string | undefined;
    return {
      shared: async () => theirs,
      first: async (candidate) => {
        kept ??= candidate;
        return kept;
      },
    };
  };
  const fileOf = (folder: string) => readFile(path.join(folder, "api-key"), "utf8");

  test("all servers use the first one's key and write it to their files", async () => {
    const [store, a, b] = [storeOfAll(), await tempFolder(), await tempFolder()];
    const first = await keyOf(a, store);
    expect(first).toMatchObject({ isNew: true, isReplaced: false });
    const second = await keyOf(b, store);
    expect(second).toMatchObject({ key: first.key, isNew: false, isReplaced: false });
    expect(await fileOf(b)).toBe(first.key);
    if (process.platform !== "win32") expect(await modeOf(path.join(b, "api-key"))).toBe(0o600);
    expect(await keyOf(b, store)).toMatchObject({ key: first.key, isNew: false, isReplaced: false });
  });

  test("the first server keeps the key of its file; the others replace theirs", async () => {
    const [store, a, b] = [storeOfAll(), await tempFolder(), await tempFolder()];
    await writeFile(path.join(a, "api-key"), "old-a", { mode: 0o600 });
    await writeFile(path.join(b, "api-key"), "old-b", { mode: 0o600 });
    expect(await keyOf(a, store)).toMatchObject({ key: "old-a", isNew: false, isReplaced: false });
    expect(await keyOf(b, store)).toMatchObject({ key: "old-a", isNew: false, isReplaced: true });
    expect(await fileOf(b)).toBe("old-a");
  });

  test("another program's key in the store comes first", async () => {
    const folder = await tempFolder();
    const store = storeOfAll("theirs");
    expect(await keyOf(folder, store)).toMatchObject({ key: "theirs", isNew: false, isExternal: true });
    expect(await fileOf(folder)).toBe("theirs");
  });
});
