import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createProgram } from "../packages/server/src/cli/run-cli.ts";
import { allPages, readPage } from "./pages.ts";

const root = path.resolve(import.meta.dirname, "..");
const nowhere = { write: () => true };
const program = createProgram({
  stdout: nowhere,
  stderr: nowhere,
  stdin: new PassThrough(),
  env: {},
  cwd: tmpdir(),
});

type Command = ReturnType<typeof createProgram>;

/** The command that a line names, with as many words as name it. */
const commandOf = (words: string[], parent: Command = program): Command => {
  const child = parent.commands.find((c) => c.name() === words[0]);
  return child ? commandOf(words.slice(1), child) : parent;
};

test.each([
  "guide-owners.md",
  "chains.md",
  "guide-operators.md",
  "guide-keepers.md",
  "guide-authors.md",
  "lanraragi.md",
])("every command in %s exists, with its options", (page) => {
  const text = readFileSync(path.join(root, "docs", page), "utf8");
  const inBlocks = [...text.matchAll(/^(?:\$ )?hitagi (.+?)(?: +#.*)?$/gm)];
  const inline = [...text.matchAll(/`hitagi ([^`\n]+)`/g)];
  const lines = [...inBlocks, ...inline].map(([, line = ""]) => line);
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) {
    const words = line.split(" ");
    const command = commandOf(words);
    expect(command, line).not.toBe(program);
    for (const flag of words.filter((word) => /^--?[a-z]/.test(word) && word !== "--help")) {
      expect(
        command.options.flatMap((o) => [o.long, o.short]),
        line,
      ).toContain(flag);
    }
  }
});

test("no page tells a reader to run `npx hitagi`, which could bring the package of a stranger", () => {
  const found = allPages
    .filter((page) => page !== "CHANGELOG.md")
    .flatMap((page) =>
      readPage(page)
        .split("\n")
        .filter((line) => /npx (?:-\S+ )*hitagi/.test(line.replaceAll("npx --no-install hitagi", "")))
        .map((line) => [page, line]),
    );
  // The one page that says why not.
  expect(found).toEqual([["README.md", expect.stringContaining("a stranger's")]]);
});
