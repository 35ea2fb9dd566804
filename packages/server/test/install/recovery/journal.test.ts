import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createJournal, type JournalEntry } from "../../../src/install/recovery/journal.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const file = { path: "Managed/Scripts/echo.ts", sha256: "a".repeat(64) };
const entry: JournalEntry = { namespace: "echo", before: null, after: file };

const opened = async () => {
  const folder = path.join(await tempFolder(), "journal");
  return { folder, journal: createJournal(folder) };
};

test("an entry is read as it was written, and replaces the one before it", async () => {
  const { folder, journal } = await opened();
  await journal.write({ ...entry, before: file, after: null });
  await journal.write(entry);
  expect(await journal.read("echo")).toEqual(entry);
  expect(await readdir(folder)).toEqual(["echo.json"]);
  expect(await journal.read("other")).toBeUndefined();
});

test("a journal lists its namespaces in lower case, and no other files", async () => {
  const { folder, journal } = await opened();
  expect(await journal.list()).toEqual([]);
  await journal.write(entry);
  await journal.write({ ...entry, namespace: "other.json" as never });
  await writeFile(path.join(folder, "Upper.json"), "");
  await writeFile(path.join(folder, "echo.json.staged"), "");
  expect((await journal.list()).sort()).toEqual(["echo", "other.json", "upper"]);
});

test("a journal that is no folder fails to list", async () => {
  const { folder, journal } = await opened();
  await writeFile(folder, "");
  await expect(journal.list()).rejects.toMatchObject({ code: "STORE_FAILED" });
});

test("only the entry of its namespace is cleared, also if there is none", async () => {
  const { journal } = await opened();
  await journal.write(entry);
  await journal.write({ ...entry, namespace: "other" });
  await journal.clear("echo");
  await journal.clear("echo");
  expect(await journal.list()).toEqual(["other"]);
});

test.each<[string, unknown]>([
  ["no namespace", { before: null, after: null }],
  ["an invalid namespace", { ...entry, namespace: "../up" }],
  ["no file before", { namespace: "echo", after: null }],
  ["no file after", { namespace: "echo", before: null }],
  ["a file without a path", { ...entry, before: { sha256: "x" } }],
  ["a file without a hash", { ...entry, after: { path: "x" } }],
  ["null", null],
])("an entry with %s counts as none", async (_, value) => {
  const { folder, journal } = await opened();
  await mkdir(folder);
  await writeFile(path.join(folder, "echo.json"), JSON.stringify(value));
  expect(await journal.read("echo")).toBeUndefined();
});

test("a truncated entry counts as none", async () => {
  const { folder, journal } = await opened();
  await mkdir(folder);
  const whole = JSON.stringify(entry);
  for (const length of [0, 1, 10, whole.length - 1]) {
    await writeFile(path.join(folder, "echo.json"), whole.slice(0, length));
    expect(await journal.read("echo")).toBeUndefined();
  }
});

test("an entry that cannot be read is an error", async () => {
  const { folder, journal } = await opened();
  await mkdir(path.join(folder, "echo.json"), { recursive: true });
  await expect(journal.read("echo")).rejects.toMatchObject({ code: "NOT_REGULAR" });
});
