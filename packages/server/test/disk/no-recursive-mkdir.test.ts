import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";

const RECURSIVE_MKDIR = /\bmkdir(?:Sync)?\((?:(?!\);)[\s\S])*?\brecursive: true/;

test("no source file uses a recursive mkdir, which never returns on a dead mount", async () => {
  const source = path.join(import.meta.dirname, "../../src");
  const files = (await readdir(source, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const found: string[] = [];
  for (const file of files) {
    const text = await readFile(path.join(source, file), "utf8");
    if (RECURSIVE_MKDIR.test(text)) found.push(file);
  }
  expect(files).toContain(path.join("disk", "folders.ts"));
  expect(found).toEqual([]);
});
