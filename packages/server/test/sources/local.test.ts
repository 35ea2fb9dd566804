import { execFile } from "node:child_process";
import { mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createLocalSource } from "../../src/sources/local.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { sourceContract } from "./source-contract.ts";
import { treeContract } from "./tree-contract.ts";

const source = createLocalSource();
const limits = { maxBytes: 1000, timeoutMs: 150_000 };
const at = (folder: string) => ({ name: "disk", provider: "local" as const, path: folder });

sourceContract("local", async (folder) => ({ source, fields: at(folder) }));
treeContract("local", async (folder) => ({ source, fields: at(folder) }));

describe("a folder on this machine", () => {
  test("may be a link and may contain links that stay inside", async () => {
    const folder = await tempFolder();
    await mkdir(path.join(folder, "real"));
    await writeFile(path.join(folder, "real", "a.ts"), "inside");
    await symlink("a.ts", path.join(folder, "real", "b.ts"));
    await symlink(path.join(folder, "real"), path.join(folder, "link"));
    const got = await source.fetch(at(path.join(folder, "link")), "b.ts", limits);
    expect(got.changed && got.bytes.toString()).toBe("inside");
  });

  test.skipIf(process.platform === "win32")("has no pipe that would be waited for", async () => {
    const folder = await tempFolder();
    await promisify(execFile)("mkfifo", [path.join(folder, "pipe")]);
    await expect(source.fetch(at(folder), "pipe", limits)).rejects.toMatchObject({
      code: "SOURCE_FILE_MISSING",
    });
  });

  test("does not serve a folder as a file", async () => {
    const folder = await tempFolder();
    await mkdir(path.join(folder, "registry.json"));
    await expect(source.fetch(at(folder), "registry.json", limits)).rejects.toMatchObject({
      code: "SOURCE_FILE_MISSING",
    });
  });

  test("detects a change when size and time of the file are restored", async () => {
    const folder = await tempFolder();
    const file = path.join(folder, "registry.json");
    const time = new Date("2026-01-01T00:00:00Z");
    await writeFile(file, "one");
    await utimes(file, time, time);
    const first = await source.fetch(at(folder), "registry.json", limits);
    await writeFile(file, "two");
    await utimes(file, time, time);
    const validators = first.changed ? first.validators : {};
    const second = await source.fetch(at(folder), "registry.json", { ...limits, validators });
    expect(second.changed && second.bytes.toString()).toBe("two");
  });

  test("that is missing is unreachable, and the error does not show its path", async () => {
    const folder = path.join(await tempFolder(), "gone");
    const failure = await source.fetch(at(folder), "registry.json", limits).catch((error) => error);
    expect(failure).toMatchObject({ code: "SOURCE_UNREACHABLE" });
    expect(failure.message).not.toContain(folder);
  });

  test.skipIf(process.platform === "win32")("of another operating system is not looked for", async () => {
    await expect(source.fetch(at("C:\\plugins"), "registry.json", limits)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
  });

  test.each(["/srv/plugins", "C:\\plugins", "\\\\host\\share"])("may have the path %s", (folder) => {
    expect(source.check(at(folder))).toBeUndefined();
  });

  test.each(["plugins", "./plugins", "../x", "~/x", "C:plugins", "/a\0b", ""])(
    "may not have the path %j",
    (folder) => {
      expect(source.check(at(folder))).toBeTypeOf("string");
    },
  );
});
