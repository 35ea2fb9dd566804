import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const attacks = join(root, "packages/server/test/attacks");
const page = readFileSync(join(root, "docs/security.md"), "utf8");

/** The cells of each row of the tables of docs/security.md, without headers. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| attack |"))
  .map((line) => line.slice(1, -1).split(/(?<!\\)\|/));

const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? "");

test("docs/security.md names the test of each attack, and each test is in docs/security.md", () => {
  const named = rows.flatMap((cells) => quoted(cells[3]));
  const present = readdirSync(attacks, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".test.ts"),
  );
  expect([...new Set(named)].sort()).toEqual(present.sort());
});

test("each file that docs/security.md names as the code of a defence exists", () => {
  const missing = rows
    .flatMap((cells) => quoted(cells[2]))
    .filter((path) => !existsSync(join(root, "packages/server/src", path)));
  expect(missing).toEqual([]);
});

test("each test that the lists of docs/security.md name exists", () => {
  const named = page
    .split("\n")
    .filter((line) => line.startsWith("- "))
    .flatMap(quoted)
    .filter((text) => text.endsWith(".test.ts"));
  const isThere = (file: string) => existsSync(join(file.includes("/") ? root : attacks, file));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((file) => !isThere(file))).toEqual([]);
});

test("each attack has its five cells", () => {
  expect(rows.filter((cells) => cells.length !== 5)).toEqual([]);
});
