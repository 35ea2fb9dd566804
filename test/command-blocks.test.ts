import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeComic } from "../packages/server/dev/sample-comic.ts";
import { commandBlocks, indentedCode, isHarmless, isPrinted, type Step } from "./command-blocks.ts";
import { installCommand } from "./command-folder.ts";
import { allPages, readPage } from "./pages.ts";

const root = path.resolve(import.meta.dirname, "..");

test.each([
  ["Added REG_17 (Mine).", "Added REG_18 (Mine).", true],
  ["NAME  STATE\nMine  ok", "NAME    STATE\nMine    ok", true],
  ["created 2026-01-02 03:04", "created 2027-11-12 13:14", true],
  ["a\n…\nd", "a\nb\nc\nd", true],
  ["a … d", "a b\nc d", false],
  ["Mine  ok", "Mine  failed", false],
  [`${"a".repeat(40)} ${"b".repeat(40)}`, `${"1".repeat(40)} ${"2".repeat(40)}`, true],
  [`${"a".repeat(40)} ${"b".repeat(40)}`, `${"1".repeat(40)} ${"1".repeat(40)}`, false],
  ["REG_1 is REG_1, and REG_2", "REG_7 is REG_7, and REG_8", true],
  ["REG_1 is REG_1, and REG_2", "REG_7 is REG_8, and REG_8", false],
  ["Batch 3: undo it with hitagi batch undo 3", "Batch 5: undo it with hitagi batch undo 5", true],
  ["Batch 3: undo it with hitagi batch undo 3", "Batch 5: undo it with hitagi batch undo 6", false],
  ["took 12 ms", "took 900 ms", true],
  ["took 12 ms", "took 12 s", false],
  ["2 archives", "3 archives", false],
  ["Wrote it: 4.2 MB, 31 files", "Wrote it: 3.9 MB, 33 files", true],
  ["Wrote it: 4.2 MB, 31 files", "Wrote it: 42 MB, 31 files", false],
  ["Wrote it: 0 files", "Wrote it: 31 files", false],
])("the comparison of what a page says with what is printed: %j and %j", (page, printed, same) => {
  expect(isPrinted(page, printed)).toBe(same);
});

/** Removes the plugin of the example registry that does not load, of which only one page is about. */
const withoutBroken = async (registry: string): Promise<void> => {
  for (const name of ["registry.json", "registry.details.json"]) {
    const file = path.join(registry, name);
    const { plugins, ...rest } = JSON.parse(await readFile(file, "utf8"));
    delete plugins["broken-on-purpose"];
    await writeFile(file, JSON.stringify({ ...rest, plugins }, null, 2));
  }
};

/** A folder with a running server, in which the blocks of a page are run as a user would. */
const openFolder = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-guide-"));
  const env = await installCommand(folder);
  const example = path.join(folder, "examples/registry");
  await cp(path.join(root, "examples/registry"), example, { recursive: true });
  await cp(path.join(root, "registry"), path.join(folder, "registry"), { recursive: true });
  const valid = path.join(folder, "valid-registry");
  await cp(example, valid, { recursive: true });
  await withoutBroken(valid);
  for (const name of ["comic.cbz", "snail.cbz"]) await writeComic(path.join(folder, name));
  const start = (command: string, args: string[], stdio: "pipe" | "ignore"): ChildProcess =>
    spawn(command, args, { cwd: folder, env, stdio: [stdio, "pipe", "pipe"] });

  let server: ChildProcess | undefined;
  const startServer = async (): Promise<void> => {
    const started = start("hitagi", ["serve"], "ignore");
    server = started;
    const log = text(started.stderr as NonNullable<typeof started.stderr>);
    await new Promise<void>((resolve, reject) => {
      started.stdout?.on("data", (chunk) => String(chunk).includes("listens on") && resolve());
      started.once("exit", () => log.then((lines) => reject(new Error(lines))));
    });
  };
  const stopServer = async (): Promise<void> => {
    const ended = new Promise((resolve) => server?.once("exit", resolve));
    server?.kill("SIGTERM");
    await ended;
    server = undefined;
  };

  /** Runs shell lines; with answers, in a terminal, in which they are typed. */
  const run = async (command: string, answers: string[]) => {
    const shell =
      answers.length > 0
        ? start(
            "script",
            ["--quiet", "--return", "--echo", "never", "--command", command, "/dev/null"],
            "pipe",
          )
        : start("bash", ["-euo", "pipefail", "-c", `{ ${command}\n} 2>&1`], "ignore");
    shell.stdin?.end(answers.map((answer) => `${answer}\n`).join(""));
    const [printed, code] = await Promise.all([
      text(shell.stdout as NonNullable<typeof shell.stdout>),
      new Promise<number | null>((resolve) => shell.once("close", resolve)),
    ]);
    return { code, printed: asSeen(printed).replaceAll(folder, "/srv") };
  };
  return {
    run,
    write: (name: string, content: string) => writeFile(path.join(folder, name), content),
    /** Starts or stops the server where that is needed. */
    setRunning: async (running: boolean): Promise<void> => {
      if (running && !server) await startServer();
      if (!running && server) await stopServer();
    },
    remove: () => rm(folder, { recursive: true }),
  };
};

/** What a terminal shows, with the answers, which are not echoed. */
const asSeen = (printed: string): string =>
  stripVTControlCharacters(printed)
    .replaceAll("\r\n", "\n")
    .replaceAll("[y/N] ", "[y/N] y\n")
    // Lines of progress are written over.
    .replace(/^.*\r/gm, "");

/** The answers that a page shows after questions. */
const answersIn = (printed: string): string[] =>
  [...printed.matchAll(/\[y\/N\] (\w+)$/gm)].map(([, answer = ""]) => answer);

/** The pages whose blocks are run, each with what is there before its first block. */
const pages: Record<string, string[]> = {
  "README.md": [],
  "docs/chains.md": [],
  "docs/guide-keepers.md": [],
  "docs/guide-authors.md": [],
  "docs/guide-operators.md": [],
  "docs/guide-owners.md": [],
  "registry/plugins/rename-by-pattern/README.md": [
    "hitagi registry add ./registry",
    "hitagi install rename-by-pattern --yes",
  ],
};

/** The pages whose blocks another test runs. */
const elsewhere: Record<string, string> = {
  "docs/api.md": "api-page.test.ts",
  "docs/lanraragi.md": "pages-beside.test.ts",
  "docs/redis.md": "pages-beside.test.ts",
};

test("each block of commands in any page is run, or says why it is not", () => {
  expect(allPages).toEqual(expect.arrayContaining([...Object.keys(pages), ...Object.keys(elsewhere)]));
  const left = allPages
    .filter((page) => !Object.hasOwn(pages, page) && !Object.hasOwn(elsewhere, page))
    .flatMap((page) =>
      commandBlocks(readPage(page))
        .filter(({ steps, notRun }) => steps.length > 0 && notRun === undefined)
        .map(({ line }) => `${page}:${line}`),
    );
  expect(left).toEqual([]);
});

test("no page has code that is marked by its indent alone", () => {
  const found = allPages.flatMap((page) => indentedCode(readPage(page)).map((line) => `${page}: ${line}`));
  expect(found).toEqual([]);
});

test("a block in a list is found, and code by its indent too", () => {
  const page =
    "1. First:\n\n   <!-- not run: why -->\n   ```sh\n   hitagi list\n   ```\n\n    hitagi serve\n";
  expect(commandBlocks(page)).toMatchObject([{ line: 4, notRun: "why", text: "hitagi list\n" }]);
  expect(indentedCode(page)).toEqual(["hitagi serve"]);
});

/** Writes into a page what its commands print now, where that differs. */
const updates = process.env.UPDATE_PAGES === "1";

describe.each(Object.entries(pages))("the commands of %s", (name, setUp) => {
  const file = path.join(root, name);
  let page = readFileSync(file, "utf8");
  let world: Awaited<ReturnType<typeof openFolder>>;
  beforeAll(async () => {
    world = await openFolder();
    if (setUp.length === 0) return;
    await world.setRunning(true);
    const { code, printed } = await world.run(setUp.join("\n"), []);
    expect(code, printed).toBe(0);
  });
  afterAll(async () => {
    await world.setRunning(false);
    await world.remove();
    if (updates) writeFileSync(file, page);
  });

  const runStep = async ({ command, printed }: Step): Promise<void> => {
    const run = await world.run(command, answersIn(printed ?? ""));
    if (printed === undefined) expect(run.code, run.printed).toBe(0);
    else if (isPrinted(printed, run.printed)) return;
    else if (updates) {
      const [before, after] = [printed, run.printed.trim()].map(
        (text) => `$ ${command}${text && "\n"}${text}`,
      );
      page = page.replace(before ?? "", after ?? "");
    } else expect(run.printed, `$ ${command}`).toBe(printed);
  };

  const blocks = commandBlocks(page).filter(({ notRun }) => notRun === undefined);
  test("those that are run change nothing outside of their folder", () => {
    const commands = blocks.flatMap(({ steps }) => steps.map(({ command }) => command));
    expect(commands.filter((command) => !isHarmless(command))).toEqual([]);
  });

  test.each(blocks.map((block) => [block.line, block] as const))("at line %i", async (_, block) => {
    expect(block.steps.every(({ command }) => isHarmless(command))).toBe(true);
    await world.setRunning(!block.stopped);
    if (block.file !== undefined) await world.write(block.file, block.text);
    if (block.before !== "") {
      const { code, printed } = await world.run(block.before, []);
      expect(code, printed).toBe(0);
    }
    for (const step of block.steps) await runStep(step);
  });
});
