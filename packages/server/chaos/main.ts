import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { redisServers } from "../test/support/redis-process.ts";
import { artifactPlaces } from "./cluster.ts";
import { type FaultName, faultNames } from "./faults.ts";
import { isWrong, summaryOf, tableOf, wrongsInWords } from "./report.ts";
import { type Result, runTrial } from "./run.ts";

const USAGE = `npm run cluster -- [--seeds n] [--seed first] [--ops n] [--nodes n] [--calls n] [--faults name,…] [--artifacts redis|folder] [--json] [--verbose] [--keep] [--broken]

Runs real servers on one Redis behind a balancer, lets them fail in every way, and counts wrong answers. The number to reach is 0.
  --seeds    days, each with the next seed (10)
  --seed     the first seed (1)
  --ops      operations of a day, at least (200)
  --nodes    servers (3)
  --calls    calls a second all day (40)
  --faults   which there may be, separated by commas, or none (all): ${faultNames.join(", ")}
  --artifacts  where the servers share the bytes of versions (redis)
  --json     prints what was counted for programs
  --verbose  tells each fault as it happens
  --keep     leaves the folders there, with the nodes' logs in them, and says where
  --broken   proves that the trial can fail: before one of the servers stands a cache that nobody invalidates`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    ops: { type: "string", default: "200" },
    nodes: { type: "string", default: "3" },
    calls: { type: "string", default: "40" },
    faults: { type: "string", default: faultNames.join(",") },
    artifacts: { type: "string", default: "redis" },
    json: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    broken: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** @throws Error for a name that is none */
const oneOf = <T extends string>(names: readonly T[], text: string): T => {
  const found = names.find((one) => one === text.trim());
  if (!found) throw new Error(`${text} is none of ${names.join(", ")}`);
  return found;
};

/** @throws Error for a name that is none */
const faultsIn = (text: string): FaultName[] =>
  text === "none" ? [] : text.split(",").map((name) => oneOf(faultNames, name));

const run = async (): Promise<number> => {
  const nodes = Number(values.nodes);
  const program = path.join(import.meta.dirname, "hitagi.js");
  if (!existsSync(program)) throw new Error("hitagi.js is not built; use `npm run cluster`");
  if (redisServers.length === 0) {
    console.error(
      "hint: install redis-server (on Debian: apt-get install redis-server); the trial starts its own.",
    );
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const results: Result[] = [];
  for (let n = 0; n < Number(values.seeds); n++) {
    const seed = Number(values.seed) + n;
    console.error(`seed ${seed}…`);
    const result = await runTrial({
      seed,
      signal: stop.signal,
      program,
      nodes,
      operations: Number(values.ops),
      callsPerSecond: Number(values.calls),
      faults: faultsIn(values.faults),
      artifacts: oneOf(artifactPlaces, values.artifacts),
      perEpisode: 6,
      mostAtOnce: Math.min(2, Math.max(1, nodes - 1)),
      staleNode: values.broken ? `node-${nodes}` : undefined,
      keep: values.keep,
      tell: (what) => {
        if (values.verbose) console.error(`  ${what}`);
      },
    });
    for (const line of wrongsInWords(result)) console.error(line);
    if (values.keep) console.error(`seed ${seed} is kept in ${result.folder}`);
    results.push(result);
  }
  console.log(values.json ? JSON.stringify(results.map(summaryOf), null, 2) : tableOf(results));
  return results.some(isWrong) ? 1 : 0;
};

if (values.help) console.log(USAGE);
else process.exitCode = await run();
