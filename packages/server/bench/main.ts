import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import { measurePageInBrowser } from "../../web/bench/main.ts";
import { benchBatch } from "./batch.ts";
import { benchBeside } from "./beside.ts";
import { benchDevLoop } from "./dev-loop.ts";
import { busyPart, conclude, type Judgement, judge, type Ratios, readRatios, whyUndecided } from "./guard.ts";
import { benchInstall } from "./install.ts";
import { benchList } from "./list.ts";
import type { BenchOptions, Row } from "./measure.ts";
import { benchPerl } from "./perl.ts";
import { benchReaders } from "./readers.ts";
import { benchRedis } from "./redis.ts";
import { benchRefresh, benchVersions } from "./refresh.ts";
import { benchUnchanged } from "./refresh-unchanged.ts";
import { type BenchServer, startServer } from "./server.ts";
import { benchSigned } from "./signed.ts";
import { benchSizes } from "./sizes.ts";
import { measureSlopes } from "./slopes/main.ts";
import { benchStart } from "./start.ts";
import { benchStoreCopy } from "./store-copy.ts";
import { guardTable, machine, markdownOf, terminalTable } from "./tables.ts";
import { targets } from "./targets.ts";
import { benchUse } from "./use.ts";
import { writeSection } from "./write-section.ts";

type Part = (server: BenchServer, options: BenchOptions) => Promise<Row[]>;

const parts: Record<string, Part> = {
  list: benchList,
  use: benchUse,
  install: benchInstall,
  refresh: benchRefresh,
  unchanged: (_, options) => benchUnchanged(options),
  signed: (_, options) => benchSigned(options),
  batch: () => benchBatch(),
  start: (_, options) => benchStart(options),
  dev: () => benchDevLoop(),
  perl: (_, options) => benchPerl(options),
  redis: benchRedis,
};

/** The parts of a run of a minute: what each call, each install and each start depends on. */
const QUICK = ["list", "use", "install", "refresh", "unchanged", "start"];

/** What grows with the size of a library and of a cluster, which takes longer than all else. */
const scaleParts: Record<string, Part> = {
  sizes: (_, options) => benchSizes(options),
  versions: (_, options) => benchVersions(options),
  readers: () => benchReaders(),
  copy: () => benchStoreCopy(),
};

const SECTION = { name: "bench", command: "npm run bench" };
const SIZES = { name: "sizes", command: "npm run bench -- --scale" };
const BESIDE = { name: "beside", command: "npm run bench -- --beside" };
const RATIOS = path.resolve(import.meta.dirname, "../bench/ratios.json");

const measure = async (chosen: [string, Part][], options: BenchOptions): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const [name, run] of chosen) {
    console.error(`measuring ${name}…`);
    const server = await startServer();
    rows.push(...(await run(server, options).finally(server.stop)));
  }
  return rows;
};

/** Milliseconds in which other work on the machine is measured. */
const WATCHED_MS = 1000;

const lostIn = (rows: readonly Row[], ratios: Ratios): Judgement[] =>
  rows.map((row) => judge(row, ratios)).filter(({ verdict }) => verdict === "lost");

/** Says which rows lost. @param slower how each is named @returns whether they lost for sure */
const haveLost = async (
  rows: readonly Row[],
  lost: readonly Judgement[],
  slower: string,
  busyBefore = 0,
): Promise<boolean> => {
  const busy = Math.max(busyBefore, await busyPart(WATCHED_MS));
  const { lines, isLost } = conclude(lost, slower, whyUndecided(rows, busy));
  for (const line of lines) console.error(line);
  return isLost;
};

/**
 * Measures, prints, and fails on rows that lost more than they may, twice in a row. Where other work takes the machine, it only prints.
 */
const guard = async (chosen: [string, Part][], options: BenchOptions, ratios: Ratios): Promise<Row[]> => {
  const busyBefore = await busyPart(WATCHED_MS);
  const rows = await measure(chosen, options);
  console.log(guardTable(rows.filter(({ id }) => id in targets).map((row) => judge(row, ratios))));
  const suspected = lostIn(rows, ratios);
  if (suspected.length === 0) return rows;
  if (!(await haveLost(rows, suspected, "slower than committed", busyBefore))) return rows;
  const again = await measure(chosen, options);
  const ids = new Set(suspected.map(({ row }) => row.id));
  const lost = lostIn(again, ratios).filter(({ row }) => ids.has(row.id));
  if (await haveLost(again, lost, "slower when measured again")) process.exitCode = 1;
  return rows;
};

/** Measures beside a LANraragi, prints and writes. @throws Error without its address and key */
const beside = async (address: string | undefined, page: string | undefined, options: BenchOptions) => {
  const key = process.env.HITAGI_BENCH_LANRARAGI_KEY;
  if (address === undefined || key === undefined)
    throw new Error("name LANraragi's address, and set HITAGI_BENCH_LANRARAGI_KEY to its API key");
  const load = loadavg()[0] ?? Number.NaN;
  const { rows, conditions } = await benchBeside(address, key, options);
  const sides = { value: "Hitagi", floor: "LANraragi" };
  console.log(terminalTable(rows, sides));
  const all = [`Its load before: ${load.toFixed(1)}.`, ...conditions];
  console.log([machine(), ...all].join(" "));
  if (page !== undefined) await writeSection(page, BESIDE, markdownOf(rows, sides, all));
};

const ratiosOf = (rows: readonly Row[]): Ratios =>
  Object.fromEntries(rows.map(({ id, ratio }) => [id, Number(ratio.toPrecision(3))]));

/**
 * `npm run bench -- [part…] [--json file] [--page file] [--commit]`: measures, prints and writes; each part has a server of its own.
 * `--commit` writes the ratios that `--quick` compares with. `--quick` measures a minute and fails where a ratio is worse than committed.
 * `npm run bench -- page [--page file]` measures only the page in a browser.
 * `--beside ADDRESS [--page file]` measures beside a LANraragi.
 * `--scale [part…] [--page file]` measures only what a large library, many events and many versions cost, the copy of a large store, and
 * unless parts are named the tables of docs/scale.md.
 */
const main = async (args: string[]): Promise<void> => {
  const after = (flag: string): string | undefined =>
    args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
  const [page, json, quick] = [after("--page"), after("--json"), args.includes("--quick")];
  if (args[0] === "page") return measurePageInBrowser(machine(), page);
  const options = { quick, tries: quick ? 2 : 3 };
  if (args.includes("--beside")) return beside(after("--beside"), page, options);
  if (args.includes("--scale")) {
    const some = Object.entries(scaleParts).filter(([name]) => args.includes(name));
    const [load = 0] = loadavg();
    const rows = await measure(some.length > 0 ? some : Object.entries(scaleParts), options);
    console.log(terminalTable(rows));
    const text = `${markdownOf(rows)}\nThe machine's load before it began was ${load.toFixed(1)}.\n`;
    if (page !== undefined) await writeSection(page, SIZES, text);
    return some.length > 0 ? undefined : measureSlopes(machine(), page);
  }
  const named = args.filter((arg) => arg in parts);
  const names = named.length > 0 ? named : quick ? QUICK : Object.keys(parts);
  const chosen = Object.entries(parts).filter(([name]) => names.includes(name));
  const rows = quick
    ? await guard(chosen, options, await readRatios(RATIOS))
    : await measure(chosen, options);
  if (!quick) console.log(terminalTable(rows));
  console.log(machine());
  if (page !== undefined) await writeSection(page, SECTION, markdownOf(rows));
  if (args.includes("--commit")) {
    const ratios = { ...(await readRatios(RATIOS)), ...ratiosOf(rows) };
    await writeFile(RATIOS, `${JSON.stringify(ratios, null, 2)}\n`);
  }
  if (json !== undefined) {
    const report = { machine: machine(), date: new Date().toISOString(), rows };
    await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  }
};

await main(process.argv.slice(2));
