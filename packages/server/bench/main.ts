import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { benchBatch } from "./batch.ts";
import { benchInstall } from "./install.ts";
import { benchList, serveFloor } from "./list.ts";
import type { Row } from "./measure.ts";
import { benchPerl } from "./perl.ts";
import { benchRedis } from "./redis.ts";
import { benchRefresh } from "./refresh.ts";
import { benchUnchanged } from "./refresh-unchanged.ts";
import { type BenchServer, startServer } from "./server.ts";
import { measureSlopes } from "./slopes/main.ts";
import { benchStart } from "./start.ts";
import { benchStoreCopy } from "./store-copy.ts";
import { benchUse } from "./use.ts";

const parts: Record<string, (server: BenchServer) => Promise<Row[]>> = {
  list: benchList,
  use: benchUse,
  install: benchInstall,
  refresh: benchRefresh,
  unchanged: () => benchUnchanged(),
  batch: () => benchBatch(),
  start: () => benchStart(),
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

const WHERE_TIME_GOES = `## Where the time goes

- **List.** More than half of a request is the system call \`writev\`. Besides Fastify, the rest is the key check, the request's id and
  logger, two headers, and the timing.
- **Install.** Planning and fetching take about 2 ms, and the load check in a waiting sandbox takes 9 ms. The rest is the disk: six calls of
  \`fsync\` in sequence, so a slow or busy disk shows here first. Without a pause each install waits until its sandbox has started.
- **Refresh.** It misses its target: 3.6 times the floor. The check of a large index runs in a worker thread, so that the server
  answers meanwhile, and its rows come back in small pieces; then the hash of each offered version is remembered. Both are new since the
  page of 2026-11-22 (2.3 times) and were not profiled yet.
- **Search.** 3.4 to 6 ms from run to run. The words take about 1 ms, in one text of 2.5 MB; the rest is the response with 50 plugins.
- **Batch.** Each archive needs three small changes of the store, so that an interrupted batch can be undone.

On the same machine under other load (a load average of 6 to 9 on its two cores), install, refresh, search and start took two to six times as
long and missed their targets. The ratios of list, use and install from a large index stayed the same.
`;

/** docs/benchmarks.md. */
const page = (rows: Row[]): string => {
  const lines = rows.map(({ name, value, unit, floor, target, met }) => {
    const ofFloor = floor === undefined ? "" : `${number(floor)} ${unit} (${(value / floor).toFixed(2)}×)`;
    return `| ${name} | ${number(value)} ${unit} | ${ofFloor} | ${target} | ${met ? "yes" : "**no**"} |`;
  });
  return [
    "# Speed and memory",
    "",
    "`npm run bench -- --page docs/benchmarks.md` measures everything again and writes this page. Each floor is measured in the same",
    "run. Other work uses the machine too, so figures differ by up to a third between runs, and ratios by less.",
    "",
    `Machine: ${machine()}. Date: ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "| what | measured | floor (ratio) | target | met |",
    "|---|---|---|---|---|",
    ...lines,
    "",
    "The HTTP client runs on the same two cores as the server. *Warm pool* means that a sandbox is ready when an install starts, because",
    "it starts 300 ms after the one before. Without this pause, an install waits until the next sandbox has started.",
    "",
    WHERE_TIME_GOES,
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
  if (markdown !== undefined) await writeFile(markdown, page(rows));
  await writeFile(
    file,
    `${JSON.stringify({ machine: machine(), date: new Date().toISOString(), rows }, null, 2)}\n`,
  );
};

await main(process.argv.slice(2));
