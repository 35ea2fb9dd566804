import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { benchBatch } from "./batch.ts";
import { benchDevLoop } from "./dev-loop.ts";
import { benchInstall } from "./install.ts";
import { benchList, serveFloor } from "./list.ts";
import type { Row } from "./measure.ts";
import { benchPerl } from "./perl.ts";
import { benchRedis } from "./redis.ts";
import { benchRefresh } from "./refresh.ts";
import { benchUnchanged } from "./refresh-unchanged.ts";
import { type BenchServer, startServer } from "./server.ts";
import { benchSigned } from "./signed.ts";
import { measureSlopes } from "./slopes/main.ts";
import { benchStart } from "./start.ts";
import { benchStoreCopy } from "./store-copy.ts";
import { benchUse } from "./use.ts";
import { writeSection } from "./write-section.ts";

const parts: Record<string, (server: BenchServer) => Promise<Row[]>> = {
  list: benchList,
  use: benchUse,
  install: benchInstall,
  refresh: benchRefresh,
  unchanged: () => benchUnchanged(),
  signed: () => benchSigned(),
  batch: () => benchBatch(),
  start: () => benchStart(),
  dev: () => benchDevLoop(),
  perl: () => benchPerl(),
  redis: benchRedis,
  copy: () => benchStoreCopy(),
};

const number = (value: number): string =>
  value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 1000 ? 1 : 0 });

const print = (rows: Row[]): void => {
  const table = new Table({
    head: ["what", "measured", "floor", "target", "met"],
    style: { head: [], border: [] },
  });
  for (const { name, value, unit, floor, target, met } of rows) {
    const ofFloor = floor === undefined ? "" : `${number(floor)} (${(value / floor).toFixed(2)}×)`;
    table.push([name, `${number(value)} ${unit}`, ofFloor, target, met ? "yes" : "NO"]);
  }
  console.log(table.toString());
};

const SECTION = { name: "bench", command: "npm run bench" };

/** The table of docs/benchmarks.md. */
const markdownOf = (rows: Row[]): string => {
  const lines = rows.map(({ name, value, unit, floor, target, met }) => {
    const ofFloor = floor === undefined ? "" : `${number(floor)} ${unit} (${(value / floor).toFixed(2)}×)`;
    return `| ${name} | ${number(value)} ${unit} | ${ofFloor} | ${target} | ${met ? "yes" : "**no**"} |`;
  });
  return [
    `Machine: ${machine()}. Date: ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "| what | measured | floor (ratio) | target | met |",
    "|---|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
};

const machine = (): string => {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
};

/**
 * `npm run bench -- [part…] [--json file] [--page file]`: measures, prints and writes; each part has a server of its own.
 * `npm run bench -- slopes [--page file]` measures only the tables of docs/scale.md.
 */
const main = async (args: string[]): Promise<void> => {
  if (args[0] === "--floor") return serveFloor(await readFile(args[1] ?? ""));
  const after = (flag: string): string | undefined =>
    args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
  const file = after("--json") ?? "bench.json";
  const markdown = after("--page");
  if (args[0] === "slopes") return measureSlopes(machine(), markdown);
  const names = args.filter((arg) => arg in parts);
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`measuring ${name}…`);
    const server = await startServer();
    rows.push(...(await run(server).finally(server.stop)));
  }
  print(rows);
  console.log(machine());
  if (markdown !== undefined) await writeSection(markdown, SECTION, markdownOf(rows));
  await writeFile(
    file,
    `${JSON.stringify({ machine: machine(), date: new Date().toISOString(), rows }, null, 2)}\n`,
  );
};

await main(process.argv.slice(2));
