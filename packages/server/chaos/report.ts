import Table from "cli-table3";
import { quantile } from "../bench/measure.ts";
import { readViolationKinds } from "./consistency-checker.ts";
import { stateViolationKinds } from "./final-state-checker.ts";
import { jobViolationKinds } from "./job-checker.ts";
import { type Phase, phases } from "./measurements.ts";
import type { Result } from "./run.ts";

/** Share of calls that must be served: without faults, and while nodes fail but Redis and at least one node do not. */
const MIN_SERVED: Partial<Record<Phase, number>> = { quiet: 0.98, nodes: 0.85 };
/** Phases with fewer calls are not judged. */
const MIN_CALLS = 200;

/** The number of violations of a run, by kind. */
export const violationsOf = ({
  readViolations,
  jobViolations: jobs,
  stateViolations: leftovers,
  measurements,
  notRecovered,
  crashes,
}: Result): Map<string, number> => {
  const kinds = [...readViolations, ...jobs, ...leftovers].map(({ kind }) => kind);
  const counts = new Map<string, number>(
    [...readViolationKinds, ...jobViolationKinds, ...stateViolationKinds].map((kind) => [kind, 0]),
  );
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  counts.set("unclear error", measurements.unclear.length);
  counts.set("crash", crashes.length);
  counts.set("no recovery", Number(notRecovered));
  return counts;
};

/** The share of calls that were served in a phase; undefined where there were none. */
const servedIn = ({ measurements }: Result, phase: Phase): number | undefined => {
  const all = measurements.served[phase] + measurements.unserved[phase];
  return all === 0 ? undefined : measurements.served[phase] / all;
};

/** The phases in which too few calls were served. */
export const unservedPhases = (result: Result): Phase[] =>
  phases.filter((phase) => {
    const calls = result.measurements.served[phase] + result.measurements.unserved[phase];
    const served = servedIn(result, phase);
    return calls >= MIN_CALLS && served !== undefined && served < (MIN_SERVED[phase] ?? 0);
  });

export const hasFailed = (result: Result): boolean =>
  [...violationsOf(result).values()].some((count) => count > 0) || unservedPhases(result).length > 0;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const ms = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(value < 100 ? 1 : 0));
const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].flatMap(([name, count]) => (count > 0 ? `${count} ${name}` : [])).join("\n") || "0";
const percent = (share: number | undefined): string =>
  share === undefined ? "-" : `${(100 * share).toFixed(1)}%`;

/** The result of a run, for programs. */
export const summaryOf = (result: Result) => {
  const { measurements, recorder, seed, operations, seconds } = result;
  const { callMs, installMs } = measurements;
  return {
    seed,
    seconds: Math.round(seconds),
    operations,
    byOperation: Object.fromEntries(measurements.operations),
    calls: sum(Object.values(measurements.served)) + sum(Object.values(measurements.unserved)),
    judged: recorder.reads.length,
    faults: Object.fromEntries(measurements.faults),
    wrong: Object.fromEntries(violationsOf(result)),
    unavailable: Object.fromEntries(measurements.unavailable),
    served: Object.fromEntries(phases.map((phase) => [phase, servedIn(result, phase) ?? null])),
    callMs: { p50: quantile(callMs, 0.5), p95: quantile(callMs, 0.95) },
    installMs: {
      count: installMs.length,
      p50: quantile(installMs, 0.5),
      p95: quantile(installMs, 0.95),
      most: Math.max(0, ...installMs),
    },
  };
};

const HEAD = [
  "seed",
  "operations",
  "calls",
  "faults",
  "violations",
  "clear errors",
  "served",
  "install ms",
  "call ms",
  "s",
];

/** A table with a row for each run. */
export const tableOf = (results: readonly Result[]): string => {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const result of results) {
    const { measurements } = result;
    const { seed, seconds, operations, calls, served, callMs, installMs } = summaryOf(result);
    table.push([
      seed,
      operations,
      calls,
      listed(measurements.faults),
      listed(violationsOf(result)),
      listed(measurements.unavailable),
      phases.map((phase) => `${phase} ${percent(served[phase] ?? undefined)}`).join("\n"),
      `p50 ${ms(installMs.p50)}\np95 ${ms(installMs.p95)}\nmost ${ms(installMs.most)}`,
      `p50 ${ms(callMs.p50)}\np95 ${ms(callMs.p95)}`,
      seconds,
    ]);
  }
  return table.toString();
};

/** Violations of one kind that are printed in full, and log lines with each; a crash has a stack. */
const [SHOWN, LOG_LINES, CRASH_LINES] = [8, 8, 30];

const at = (time: number): string => (Number.isFinite(time) ? `${time.toFixed(0)} ms` : "the beginning");

/** The violations in words, with the log lines before them. */
export const describeViolations = (result: Result): string[] => {
  const {
    seed,
    readViolations,
    jobViolations: jobs,
    stateViolations: leftovers,
    measurements,
    logBefore,
  } = result;
  const shown = (lines: string[]): string[] =>
    lines.length > SHOWN
      ? [...lines.slice(0, SHOWN), `seed ${seed}: … and ${lines.length - SHOWN} more`]
      : lines;
  const log = (node: string, time: number) =>
    logBefore(node, time, LOG_LINES)
      .map((line) => `\n    ${line}`)
      .join("");
  return [
    ...shown(
      readViolations.map(({ kind, read, expected }) => {
        const { register, value, begin, end, node, by } = read;
        const should = expected
          ? `; ${expected.values.join(" or ")} was set by the ${expected.by} from ${at(expected.begin)} to ${at(expected.end)}`
          : "";
        return `seed ${seed}: ${kind}: ${node} answered ${register} ${value} to ${by} from ${at(begin)} to ${at(end)}${should}${log(node, end)}`;
      }),
    ),
    ...shown(
      jobs.map(({ kind, job, because }) => `seed ${seed}: ${kind}: job ${job.id} (${job.by}): ${because}`),
    ),
    ...shown(leftovers.map(({ kind, what }) => `seed ${seed}: ${kind}: ${what.slice(0, 2000)}`)),
    ...shown(
      measurements.unclear.map(
        ({ what, reason, node, at: time }) =>
          `seed ${seed}: unclear error: ${node} answered ${reason} to ${what} at ${at(time)}${log(node, time + 1000)}`,
      ),
    ),
    ...shown(
      result.crashes.map(
        ({ node, at: time }) =>
          `seed ${seed}: crash: ${node} ended by itself at ${at(time)}${logBefore(node, time, CRASH_LINES)
            .map((line) => `\n    ${line}`)
            .join("")}`,
      ),
    ),
    ...(result.notRecovered
      ? [`seed ${seed}: no recovery: the cluster did not become healthy after a fault`]
      : []),
    ...unservedPhases(result).map((phase) => `seed ${seed}: too few calls were served while: ${phase}`),
  ];
};
