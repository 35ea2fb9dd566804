import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { redisServers } from "../test/support/redis-process.ts";
import { artifactPlaces } from "./cluster.ts";
import { type FaultName, faultNames } from "./faults.ts";
import { describeViolations, hasFailed, summaryOf, tableOf } from "./report.ts";
import { type Result, runSeed } from "./run.ts";

const USAGE = `npm run cluster -- [--seeds n] [--seed first] [--ops n] [--nodes n] [--calls n] [--faults name,…] [--artifacts redis|folder] [--json] [--verbose] [--keep] [--broken]

Runs real servers on one Redis behind a load balancer and injects faults. Fails on any stale answer, lost job or leftover.
  --seeds    runs, each with the next seed (10)
  --seed     the first seed (1)
  --ops      operations of a run, at least (200)
  --nodes    servers (3)
  --calls    calls a second of the load generator (40)
  --faults   faults to inject, separated by commas, or none (all): ${faultNames.join(", ")}
  --artifacts  where the servers share artifacts (redis)
  --json     prints the counts as JSON
  --verbose  prints each fault as it is injected
  --keep     keeps the folders with the nodes' logs, and prints where they are
  --broken   proves that a run can fail: a cache that is never invalidated is put in front of one server`;

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

/** @throws Error for an unknown name */
const oneOf = <T extends string>(names: readonly T[], text: string): T => {
  const found = names.find((one) => one === text.trim());
  if (!found) throw new Error(`${text} is none of ${names.join(", ")}`);
  return found;
};

/** @throws Error for an unknown name */
const faultsIn = (text: string): FaultName[] =>
  text === "none" ? [] : text.split(",").map((name) => oneOf(faultNames, name));

const run = async (): Promise<number> => {
  const nodes = Number(values.nodes);
  const program = path.join(import.meta.dirname, "hitagi.js");
  if (!existsSync(program)) throw new Error("hitagi.js is not built; use `npm run cluster`");
  if (redisServers.length === 0) {
    console.error(
      "hint: install redis-server (on Debian: apt-get install redis-server); each run starts its own.",
    );
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const results: Result[] = [];
  for (let n = 0; n < Number(values.seeds); n++) {
    const seed = Number(values.seed) + n;
    console.error(`seed ${seed}…`);
    const result = await runSeed({
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
      onFault: (what) => {
        if (values.verbose) console.error(`  ${what}`);
      },
    });
    for (const line of describeViolations(result)) console.error(line);
    if (values.keep) console.error(`seed ${seed} is kept in ${result.folder}`);
    results.push(result);
  }
  console.log(values.json ? JSON.stringify(results.map(summaryOf), null, 2) : tableOf(results));
  return results.some(hasFailed) ? 1 : 0;
};

if (values.help) console.log(USAGE);
else process.exitCode = await run();
