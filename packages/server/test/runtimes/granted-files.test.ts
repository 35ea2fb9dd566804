import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { kernelMounts } from "../../src/disk/kernel-mounts.ts";
import { createFileAccess } from "../../src/runtimes/granted-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A folder with a tag database, a link to it, a folder, and the data folder of a server with its library. */
const openPlaces = async () => {
  const folder = await tempFolder();
  const at = (...names: string[]) => path.join(folder, ...names);
  await mkdir(at("tags", "more"), { recursive: true });
  await mkdir(at("data", "library"), { recursive: true });
  await writeFile(at("tags", "tags.db"), "the tags");
  await writeFile(at("tags", "more", "a.json"), "{}");
  await writeFile(at("data", "api-key"), "secret");
  await symlink(at("tags"), at("link"));
  const access = createFileAccess({ own: [at("data")], except: [at("data", "library")] });
  return { folder, at, access };
};

const reasonOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it was done",
    (e: unknown) => (e instanceof HitagiError ? `${e.code}: ${e.message}` : String(e)),
  );

describe("a grant", () => {
  test("is kept in its plain form", async () => {
    const { at, access } = await openPlaces();
    expect(await access.check(`${at("tags")}/more/../`)).toBe(at("tags"));
    expect(await access.check(at("tags", "tags.db"))).toBe(at("tags", "tags.db"));
    expect(await access.check(at("link"))).toBe(at("link"));
  });

  test.each([
    ["a relative path", "tags", "it is not an absolute path"],
    ["what does not exist", "/no/such/file", "it does not exist"],
    ["processes", "/proc/self/environ", "it belongs to the system"],
    ["the kernel's state", "/sys", "it belongs to the system"],
    ["a device", "/dev/null", "it belongs to the system"],
    ["the sockets of programs", "/run", "it belongs to the system"],
    ["everything", "/", "the system shows processes or devices in it"],
  ])("of %s is refused", async (_, file, reason) => {
    const { access } = await openPlaces();
    expect(await reasonOf(access.check(file))).toBe(
      `FILE_NOT_GRANTABLE: ${file} cannot be granted: ${reason}.`,
    );
  });

  test("of a pipe is refused", async () => {
    const { at, access } = await openPlaces();
    execFileSync("mkfifo", [at("pipe")]);
    expect(await reasonOf(access.check(at("pipe")))).toContain("neither a file nor a folder");
  });

  test("of the server's own data is refused, by every name; its library is not", async () => {
    const { folder, at, access } = await openPlaces();
    await symlink(at("data"), at("other-name"));
    expect(await reasonOf(access.check(at("data")))).toContain("part of the server's own data");
    expect(await reasonOf(access.check(folder))).toContain("it holds the server's own data");
    expect(await reasonOf(access.check(at("data", "api-key")))).toContain("part of the server's own data");
    expect(await reasonOf(access.check(at("other-name", "api-key")))).toContain("the server's own data");
    expect(await access.check(at("data", "library"))).toBe(at("data", "library"));
  });

  test("of a folder in a library that holds the data folder is refused", async () => {
    const { at } = await openPlaces();
    const { check } = createFileAccess({ own: [at("tags", "more")], except: [at("tags")] });
    expect(await reasonOf(check(at("tags", "more")))).toContain("the server's own data");
    expect(await check(at("tags", "tags.db"))).toBe(at("tags", "tags.db"));
  });
});

describe("a plugin's read", () => {
  test("opens granted files, and those in granted folders", async () => {
    const { at, access } = await openPlaces();
    for (const [granted, file] of [
      [at("tags", "tags.db"), at("tags", "tags.db")],
      [at("tags"), at("tags", "tags.db")],
      [at("link"), at("link", "tags.db")],
      [at("link"), at("link", "more", "..", "tags.db")],
    ] as const) {
      const handle = await access.open([granted], file);
      expect(await handle.readFile("utf8")).toBe("the tags");
      await handle.close();
    }
  });

  test("follows a link that stays in the granted folder", async () => {
    const { at, access } = await openPlaces();
    await symlink("../tags.db", at("tags", "more", "beside.db"));
    const handle = await access.open([at("tags")], at("tags", "more", "beside.db"));
    expect(await handle.readFile("utf8")).toBe("the tags");
    await handle.close();
  });

  test("of what is not granted is refused", async () => {
    const { at, access } = await openPlaces();
    const refused = (granted: string[], file: string) => reasonOf(access.open(granted, file));
    expect(await refused([], at("tags", "tags.db"))).toContain("it is not granted");
    expect(await refused([at("tags", "more")], at("tags", "tags.db"))).toContain("it is not granted");
    expect(await refused([at("tags", "more")], at("tags", "more", "..", "tags.db"))).toContain("not granted");
    expect(await refused([at("tag")], at("tags", "tags.db"))).toContain("it is not granted");
    expect(await refused([at("tags")], "tags.db")).toContain("it is not granted");
  });

  test("of a folder, a pipe, or what is not there says why it is refused", async () => {
    const { at, access } = await openPlaces();
    execFileSync("mkfifo", [at("tags", "pipe")]);
    const refused = (name: string) => reasonOf(access.open([at("tags")], at("tags", name)));
    expect(await refused("more")).toContain("FILE_NOT_READ");
    expect(await refused("pipe")).toContain("it is not a regular file");
    expect(await refused("absent")).toContain("it does not exist");
  });

  test("lists files and folders by name, without links and pipes", async () => {
    const { at, access } = await openPlaces();
    execFileSync("mkfifo", [at("tags", "pipe")]);
    await symlink("tags.db", at("tags", "a-link"));
    const granted = [at("tags")];
    expect(await access.list(granted, at("tags"), 10)).toEqual([
      { name: "more", isFolder: true, size: 0 },
      { name: "tags.db", isFolder: false, size: 8 },
    ]);
    expect(await access.list(granted, at("tags"), 1)).toBeUndefined();
    expect(await reasonOf(access.list(granted, at("tags", "tags.db"), 10))).toContain("no folder");
  });
});

describe("granted files of a call", () => {
  test("lead to where their links do, and are others once they are replaced", async () => {
    const { at, access } = await openPlaces();
    const granted = [at("link", "tags.db")];
    const [before] = await access.resolve("probe", granted);
    expect(before).toMatchObject({ path: at("link", "tags.db"), target: at("tags", "tags.db") });
    await writeFile(at("new.db"), "newer");
    await rename(at("new.db"), at("tags", "tags.db"));
    const [after] = await access.resolve("probe", granted);
    expect(after?.id).not.toBe(before?.id);
  });

  test("that are gone fail with the path and what to do", async () => {
    const { at, access } = await openPlaces();
    await rm(at("tags", "tags.db"));
    await expect(access.resolve("probe", [at("tags", "tags.db")])).rejects.toMatchObject({
      code: "GRANTED_FILE_UNAVAILABLE",
      message: `probe is granted ${at("tags", "tags.db")}, which it cannot be given: it does not exist.`,
      hint: expect.stringContaining("hitagi grant probe --read PATH"),
    });
  });
});

test.skipIf(process.platform !== "linux")("the kernel's own file systems are known", async () => {
  const mounts = await kernelMounts();
  expect(mounts).toContain("/proc");
  const types = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  expect(mounts.length).toBeLessThan(types.length);
});
