import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readConfig, type SettingName } from "../../src/config/config.ts";
import { claimPlaces } from "../../src/data-folder/locks.ts";
import { startScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const script = path.join(import.meta.dirname, "scripts/claim-folder.ts");

type Flags = Partial<Record<SettingName, string>>;

const tryClaim = (data: string, flags: Flags = {}) => claimPlaces(readConfig({ data, ...flags }, {}));

const claim = async (data: string, flags: Flags = {}) => {
  const claimed = await tryClaim(data, flags);
  onTestFinished(() => claimed.release());
  return claimed;
};

test("the folder is made, for its owner only", async () => {
  const folder = path.join(await tempFolder(), "data/here");
  await claim(folder);
  if (process.platform !== "win32") expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a second server is refused and told who has the folder", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  expect(await holder.line()).toBe("claimed");
  const refused = {
    code: "DATA_IN_USE",
    params: { what: "data folder", flag: "--data", pid: String(holder.process.pid) },
  };
  await expect(tryClaim(folder)).rejects.toMatchObject(refused);
  await expect(tryClaim(folder)).rejects.toMatchObject(refused);
});

test("after kill -9 of the holder the folder can be claimed at once", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  await holder.line();
  await holder.kill();
  await expect(claim(folder)).resolves.toBeDefined();
});

test("one process claims a folder once, and again after its release", async () => {
  const folder = await tempFolder();
  const first = await claim(folder);
  await expect(tryClaim(folder)).rejects.toMatchObject({ code: "DATA_IN_USE" });
  await first.release();
  await first.release();
  expect((await readdir(folder)).filter((name) => name.endsWith(".pid"))).toEqual([]);
  await expect(claim(folder)).resolves.toBeDefined();
});

test("two folders are two claims", async () => {
  await claim(await tempFolder());
  await expect(claim(await tempFolder())).resolves.toBeDefined();
});

test("a folder that cannot be made is refused without its path", async () => {
  const folder = await tempFolder();
  const config = readConfig({ data: path.join(folder, "file/data") }, {});
  await writeFile(path.join(folder, "file"), "");
  const failure = claimPlaces(config);
  await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(failure).rejects.not.toThrow(folder);
});

describe("a second server on a data folder of its own is refused where it shares", () => {
  test.each<[string, (first: string) => Flags]>([
    ["store", (first) => ({ store: `sqlite:${first}/hitagi.db` })],
    ["plugins folder", (first) => ({ plugins: `${first}/plugins` })],
    ["library folder", (first) => ({ library: `${first}/library` })],
    ["plugins folder", (first) => ({ plugins: first })],
  ])("the first one's %s", async (what, flags) => {
    const [first, second] = [await tempFolder(), await tempFolder()];
    const holder = await startScript(script, first);
    expect(await holder.line()).toBe("claimed");
    const refused = { code: "DATA_IN_USE", params: { what, pid: String(holder.process.pid) } };
    await expect(tryClaim(second, flags(first))).rejects.toMatchObject(refused);
    await expect(claim(second)).resolves.toBeDefined();
  });

  test("a place under another name, by a link to it", async () => {
    const root = await tempFolder();
    const [first, link] = [path.join(root, "first"), path.join(root, "link")];
    await claim(first);
    await writeFile(path.join(first, "hitagi.db"), "");
    await symlink(first, link, "junction");
    await symlink(path.join(first, "hitagi.db"), path.join(root, "other.db"));
    const inUse = { code: "DATA_IN_USE" };
    await expect(tryClaim(path.join(root, "a"), { plugins: `${link}/plugins` })).rejects.toMatchObject(inUse);
    await expect(tryClaim(path.join(root, "b"), { store: `sqlite:${root}/other.db` })).rejects.toMatchObject(
      inUse,
    );
  });
});

test("a server may keep all its things in one folder", async () => {
  const folder = await tempFolder();
  await expect(claim(folder, { plugins: folder, library: folder })).resolves.toMatchObject({ unclaimed: [] });
});

test("only hidden files are put into the folders of others' things", async () => {
  const folder = await tempFolder();
  await claim(folder);
  const names = [
    ...(await readdir(path.join(folder, "library"))),
    ...(await readdir(path.join(folder, "plugins"))),
  ];
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.startsWith("."))).toEqual([]);
});

test("a library that cannot be locked is used all the same, and said so; a plugins folder is not", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "archives/.hitagi.lock"), { recursive: true });
  const library = path.join(folder, "archives");
  const claimed = await claim(path.join(folder, "a"), { library });
  expect(claimed.unclaimed).toMatchObject([{ setting: "HITAGI_LIBRARY" }]);
  await expect(tryClaim(path.join(folder, "b"), { plugins: library })).rejects.toMatchObject({
    code: "STORE_FAILED",
  });
});

describe("the library of several servers", () => {
  /** Claims, as a server does whose store is shared, a folder of its own and the library with those on one store. */
  const share = async (library: string, store: string) => {
    const config = readConfig({ data: await tempFolder(), library }, {});
    const claimed = await claimPlaces(config, { sharesLibrary: true });
    onTestFinished(() => claimed.release());
    return { ...claimed, id: await claimed.shareLibrary(store) };
  };
  const holding = async (library: string, store: string) => {
    const holder = await startScript(script, await tempFolder(), library, store);
    expect(await holder.line()).toBe("claimed");
    return holder;
  };

  test("is shared by those on one store, in one process and in several", async () => {
    const library = await tempFolder();
    await holding(library, "a");
    await holding(library, "a");
    await share(library, "a");
    const [one, another] = [await share(library, "a"), await share(await tempFolder(), "a")];
    expect(one).toMatchObject({ unclaimed: [], id: (await share(library, "a")).id });
    expect(one.id).not.toBe(another.id);
    expect((await readdir(library)).filter((name) => !name.startsWith("."))).toEqual([]);
  });

  test("many that start at once on a new one all have it", async () => {
    const library = await tempFolder();
    const all = await Promise.all(Array.from({ length: 8 }, () => share(library, "a")));
    expect(all).toHaveLength(8);
  });

  test("is refused to one on another store, while any of them lives", async () => {
    const library = await tempFolder();
    const [first, second] = [await holding(library, "a"), await holding(library, "a")];
    await expect(share(library, "b")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
    await first.kill();
    await expect(share(library, "b")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
    await second.kill();
    await share(library, "b");
    await expect(share(library, "a")).rejects.toMatchObject({ code: "LIBRARY_OF_OTHERS" });
  });

  test("is refused to one that keeps a file as its store, and the other way round", async () => {
    const library = await tempFolder();
    const shared = await share(library, "a");
    await expect(tryClaim(await tempFolder(), { library })).rejects.toMatchObject({ code: "DATA_IN_USE" });
    await shared.release();
    const alone = await claim(await tempFolder(), { library });
    const refused = { code: "DATA_IN_USE", params: { what: "library folder", pid: String(process.pid) } };
    await expect(share(library, "a")).rejects.toMatchObject(refused);
    await alone.release();
    await share(library, "a");
  });

  test("may lie in a folder that is the server's own", async () => {
    const folder = await tempFolder();
    const config = readConfig({ data: folder, plugins: folder, library: folder }, {});
    const claimed = await claimPlaces(config, { sharesLibrary: true });
    onTestFinished(() => claimed.release());
    await claimed.shareLibrary("a");
    await expect(share(folder, "a")).rejects.toMatchObject({ code: "DATA_IN_USE" });
  });
});
