import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { benchInstall } from "./install.ts";
import { benchList, serveFloor } from "./list.ts";
import type { Row } from "./measure.ts";
import { benchRefresh } from "./refresh.ts";
import { type BenchServer, startServer } from "./server.ts";
import { benchStart } from "./start.ts";
import { benchUse } from "./use.ts";

const parts: Record<string, (server: BenchServer) => Promise<Row[]>> = {
  list: benchList,
  use: benchUse,
  install: benchInstall,
  refresh: benchRefresh,
  start: () => benchStart(),
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

const machine = (): string => {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
};

/** `npm run bench [-- part…] [--json file]`: measures and prints; each part has a server of its own. */
const main = async (args: string[]): Promise<void> => {
  if (args[0] === "--floor") return serveFloor(await readFile(args[1] ?? ""));
  const jsonAt = args.indexOf("--json");
  const file = jsonAt < 0 ? "bench.json" : (args[jsonAt + 1] ?? "bench.json");
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
  await writeFile(
    file,
    `${JSON.stringify({ machine: machine(), date: new Date().toISOString(), rows }, null, 2)}\n`,
  );
};

await main(process.argv.slice(2));
