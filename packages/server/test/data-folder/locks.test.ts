import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { serverFolders } from "../../src/backup/server-folders.ts";
import { readConfig, type SettingName } from "../../src/config/config.ts";
import { lockFolders } from "../../src/data-folder/locks.ts";
import { startScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const script = path.join(import.meta.dirname, "scripts/lock-folder.ts");

type Flags = Partial<Record<SettingName, string>>;

const foldersOf = (flags: Flags) => serverFolders(readConfig(flags, {}));

const tryLock = (data: string, flags: Flags = {}) => lockFolders(foldersOf({ data, ...flags }));

const lock = async (data: string, flags: Flags = {}) => {
  const locks = await tryLock(data, flags);
  onTestFinished(() => locks.release());
  return locks;
};

test("the data folder is created with mode 0700", async () => {
  const folder = path.join(await tempFolder(), "data/here");
  await lock(folder);
  if (process.platform !== "win32") expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a second server is refused with the process id of the first", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  expect(await holder.line()).toBe("locked");
  const refused = {
    code: "DATA_IN_USE",
    params: { what: "data folder", flag: "--data", pid: String(holder.process.pid) },
  };
  await expect(tryLock(folder)).rejects.toMatchObject(refused);
  await expect(tryLock(folder)).rejects.toMatchObject(refused);
});

test("the lock ends with its process, also at kill -9", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  await holder.line();
  await holder.kill();
  await lock(folder);
});

test("one process locks a folder once, and again after the release", async () => {
  const folder = await tempFolder();
  const first = await lock(folder);
  await expect(tryLock(folder)).rejects.toMatchObject({ code: "DATA_IN_USE" });
  await first.release();
  await first.release();
  expect((await readdir(folder)).filter((name) => name.endsWith(".pid"))).toEqual([]);
  await lock(folder);
});

test("two folders have separate locks", async () => {
  await lock(await tempFolder());
  await lock(await tempFolder());
});

test("the error for a folder that cannot be created does not name its path", async () => {
  const folder = await tempFolder();
  const folders = foldersOf({ data: path.join(folder, "file/data") });
  await writeFile(path.join(folder, "file"), "");
  const failure = lockFolders(folders);
  await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(failure).rejects.not.toThrow(folder);
});

describe("a second server with its own data folder is refused if it shares", () => {
  test.each<[string, (first: string) => Flags]>([
    ["store", (first) => ({ store: `sqlite:${first}/hitagi.db` })],
    ["plugins folder", (first) => ({ plugins: `${first}/plugins` })],
    ["library folder", (first) => ({ library: `${first}/library` })],
    ["plugins folder", (first) => ({ plugins: first })],
  ])("the first one's %s", async (what, flags) => {
    const [first, second] = [await tempFolder(), await tempFolder()];
    const holder = await startScript(script, first);
    expect(await holder.line()).toBe("locked");
    const refused = { code: "DATA_IN_USE", params: { what, pid: String(holder.process.pid) } };
    await expect(tryLock(second, flags(first))).rejects.toMatchObject(refused);
    await lock(second);
  });

  test("a folder or file that it names through a link", async () => {
    const root = await tempFolder();
    const [first, link] = [path.join(root, "first"), path.join(root, "link")];
    await lock(first);
    await writeFile(path.join(first, "hitagi.db"), "");
    await symlink(first, link, "junction");
    await symlink(path.join(first, "hitagi.db"), path.join(root, "other.db"));
    const inUse = { code: "DATA_IN_USE" };
    await expect(tryLock(path.join(root, "a"), { plugins: `${link}/plugins` })).rejects.toMatchObject(inUse);
    await expect(tryLock(path.join(root, "b"), { store: `sqlite:${root}/other.db` })).rejects.toMatchObject(
      inUse,
    );
  });
});

test("a server may use one folder for everything", async () => {
  const folder = await tempFolder();
  await expect(lock(folder, { plugins: folder, library: folder })).resolves.toMatchObject({ unlockable: [] });
});

test("lock files in the plugins and library folders are hidden", async () => {
  const folder = await tempFolder();
  await lock(folder);
  const names = [
    ...(await readdir(path.join(folder, "library"))),
    ...(await readdir(path.join(folder, "plugins"))),
  ];
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.startsWith("."))).toEqual([]);
});

test("a library that cannot be locked is used and reported; a plugins folder that cannot be locked is refused", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "archives/.hitagi.lock"), { recursive: true });
  const library = path.join(folder, "archives");
  const locks = await lock(path.join(folder, "a"), { library });
  expect(locks.unlockable).toMatchObject([{ setting: "HITAGI_LIBRARY" }]);
  await expect(tryLock(path.join(folder, "b"), { plugins: library })).rejects.toMatchObject({
    code: "STORE_FAILED",
  });
});

describe("a library that several servers share", () => {
  /** Locks a new data folder and the shared library, as a server on a shared store does. */
  const share = async (library: string, store: string) => {
    const folders = foldersOf({ data: await tempFolder(), library });
    const locks = await lockFolders(folders, { sharesLibrary: true });
    onTestFinished(() => locks.release());
    return { ...locks, id: await locks.lockSharedLibrary(store) };
  };
  const holding = async (library: string, store: string) => {
    const holder = await startScript(script, await tempFolder(), library, store);
    expect(await holder.line()).toBe("locked");
    return holder;
  };

  test("can be locked by all servers on one store, in one process and in several", async () => {
    const library = await tempFolder();
    await holding(library, "a");
    await holding(library, "a");
    await share(library, "a");
    const [one, another] = [await share(library, "a"), await share(await tempFolder(), "a")];
    expect(one).toMatchObject({ unlockable: [], id: (await share(library, "a")).id });
    expect(one.id).not.toBe(another.id);
    expect((await readdir(library)).filter((name) => !name.startsWith("."))).toEqual([]);
  });

  test("can be locked by many servers that start at the same time", async () => {
    const library = await tempFolder();
    const all = await Promise.all(Array.from({ length: 8 }, () => share(library, "a")));
    expect(all).toHaveLength(8);
  });

  test("is refused to a server on another store while one of them runs", async () => {
    const library = await tempFolder();
    const [first, second] = [await holding(library, "a"), await holding(library, "a")];
    await expect(share(library, "b")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
    await first.kill();
    await expect(share(library, "b")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
    await second.kill();
    await share(library, "b");
    await expect(share(library, "a")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
  });

  test("is refused to a server with an SQLite store, and the other way round", async () => {
    const library = await tempFolder();
    const shared = await share(library, "a");
    await expect(tryLock(await tempFolder(), { library })).rejects.toMatchObject({ code: "DATA_IN_USE" });
    await shared.release();
    const alone = await lock(await tempFolder(), { library });
    const refused = { code: "DATA_IN_USE", params: { what: "library folder", pid: String(process.pid) } };
    await expect(share(library, "a")).rejects.toMatchObject(refused);
    await alone.release();
    await share(library, "a");
  });

  test("may be one of the server's own folders", async () => {
    const folder = await tempFolder();
    const folders = foldersOf({ data: folder, plugins: folder, library: folder });
    const locks = await lockFolders(folders, { sharesLibrary: true });
    onTestFinished(() => locks.release());
    await locks.lockSharedLibrary("a");
    await expect(share(folder, "a")).rejects.toMatchObject({ code: "DATA_IN_USE" });
  });
});
