import { mkdir, open, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { HostRequestHandler } from "../../../src/runtimes/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { realBroker, scopeOf } from "../broker/fixture.ts";
import { request } from "../runtime-contract.ts";
import { script, sharedRuntime } from "./fixture.ts";

const shared = sharedRuntime();
const MB = 1024 * 1024;

/** Runs a script with these paths granted, and counts the characters that the host answers. */
const runWith = async (files: string[], body: string) => {
  const { broker } = await realBroker();
  const answer = broker.bind(scopeOf({ files }));
  let sent = 0;
  let largest = 0;
  const onHostRequest: HostRequestHandler = (name, args, signal, deliver) =>
    answer(name, args, signal, async (value) => {
      const { length } = JSON.stringify(value);
      sent += length;
      largest = Math.max(largest, length);
      await deliver?.(value);
    });
  const value = await shared().call(script(body), request({ onHostRequest }));
  return { value, sent, largest };
};

describe("ctx.files", () => {
  test("reads a granted file as bytes, text and JSON", async () => {
    const file = path.join(await tempFolder(), "tags.json");
    await writeFile(file, '{"a":"ö"}');
    const { value } = await runWith(
      [file],
      `const [path] = await ctx.files.granted();
       return { path, size: (await ctx.files.read(path)).length, text: await ctx.files.text(path), json: await ctx.files.json(path) }`,
    );
    expect(value).toEqual({ path: file, size: 10, text: '{"a":"ö"}', json: { a: "ö" } });
  });

  test("reads an empty file, and one of several pieces", async () => {
    const folder = await tempFolder();
    const bytes = Buffer.alloc(9 * MB, "0123456789");
    await writeFile(path.join(folder, "empty"), "");
    await writeFile(path.join(folder, "large"), bytes);
    const { value, largest } = await runWith(
      [folder],
      `const [empty, large] = await Promise.all(["empty", "large"].map((n) => ctx.files.read("${folder}/" + n)));
       return { empty: empty.length, large: large.length, last: String.fromCharCode(...large.subarray(-8)) }`,
    );
    expect(value).toEqual({
      empty: 0,
      large: bytes.length,
      last: bytes.subarray(-8).toString(),
    });
    expect(largest).toBeLessThan(6 * MB);
  });

  test("lists a granted folder", async () => {
    const folder = await tempFolder();
    await mkdir(path.join(folder, "sub"));
    await writeFile(path.join(folder, "b.txt"), "12");
    await symlink("b.txt", path.join(folder, "link"));
    const { value } = await runWith([folder], `return await ctx.files.list("${folder}")`);
    expect(value).toEqual([
      { name: "b.txt", isFolder: false, size: 2 },
      { name: "sub", isFolder: true, size: 0 },
    ]);
  });

  test("reads parts of a database of 500 MB, which stays on disk", async () => {
    const file = path.join(await tempFolder(), "tags.db");
    const handle = await open(file, "w");
    await handle.truncate(500 * MB);
    for (const offset of [0, 250 * MB, 500 * MB - 6]) await handle.write("SQLite", offset);
    await handle.close();
    const { value, sent } = await runWith(
      [file],
      `const db = await ctx.files.open("${file}");
       const at = async (offset) => String.fromCharCode(...await db.readAt(offset, 6));
       return { size: db.size, parts: [await at(0), await at(${250 * MB}), await at(db.size - 6)],
         behind: (await db.readAt(db.size, 10)).length, over: (await db.readAt(db.size - 2, 10)).length }`,
    );
    expect(value).toEqual({ size: 500 * MB, parts: ["SQLite", "SQLite", "SQLite"], behind: 0, over: 2 });
    expect(sent).toBeLessThan(1000);
  });

  test("does not read such a file as a whole, or more than 4 MiB at once", async () => {
    const file = path.join(await tempFolder(), "tags.db");
    const handle = await open(file, "w");
    await handle.truncate(65 * MB);
    await handle.close();
    const { value } = await runWith(
      [file],
      `const reason = (e) => e.message;
       const db = await ctx.files.open("${file}");
       return { whole: await ctx.files.read("${file}").catch(reason), part: await db.readAt(0, ${5 * MB}).catch(reason) }`,
    );
    expect(value).toEqual({
      whole: expect.stringContaining("read parts of it with ctx.files.open"),
      part: expect.stringContaining("/length must be <= 4194304"),
    });
  });

  test("says how files are granted, where none is", async () => {
    const { value } = await runWith(
      [],
      `return { granted: await ctx.files.granted(), read: await ctx.files.read("/etc/hostname").catch((e) => e.message) }`,
    );
    expect(value).toEqual({
      granted: [],
      read: "The plugin may not read files: none is granted; its owner grants them with `hitagi grant <plugin> --read`",
    });
  });
});
