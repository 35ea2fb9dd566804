import Table from "cli-table3";
import { quantile } from "../bench/measure.ts";
import { wrongRemains } from "./aftermath.ts";
import { wrongReads } from "./checker.ts";
import { wrongJobs } from "./ledger.ts";
import { type Phase, phases } from "./observed.ts";
import type { Result } from "./run.ts";

/** Shares of calls that must be served: while nothing fails, and while nodes do but Redis and one node at least do not. */
const LEAST_SERVED: Partial<Record<Phase, number>> = { quiet: 0.98, nodes: 0.85 };
/** Too few calls to judge by. */
const ENOUGH_CALLS = 200;

/** Every kind of wrong answer, with how often a day gave it. */
export const wrongsOf = ({
  wrongAnswers,
  wrongJobs: jobs,
  wrongRemains: remains,
  observed,
  restless,
  crashes,
}: Result): Map<string, number> => {
  const kinds = [...wrongAnswers, ...jobs, ...remains].map(({ kind }) => kind);
  const counts = new Map<string, number>(
    [...wrongReads, ...wrongJobs, ...wrongRemains].map((kind) => [kind, 0]),
  );
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  counts.set("unclear error", observed.unclear.length);
  counts.set("crash", crashes.length);
  counts.set("no rest", Number(restless));
  return counts;
};

/** The share of calls that were served in a phase; undefined where there were none. */
const servedIn = ({ observed }: Result, phase: Phase): number | undefined => {
  const all = observed.served[phase] + observed.unserved[phase];
  return all === 0 ? undefined : observed.served[phase] / all;
};

/** The phases in which too few calls were served. */
export const unservedPhases = (result: Result): Phase[] =>
  phases.filter((phase) => {
    const calls = result.observed.served[phase] + result.observed.unserved[phase];
    const served = servedIn(result, phase);
    return calls >= ENOUGH_CALLS && served !== undefined && served < (LEAST_SERVED[phase] ?? 0);
  });

export const isWrong = (result: Result): boolean =>
  [...wrongsOf(result).values()].some((count) => count > 0) || unservedPhases(result).length > 0;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const ms = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(value < 100 ? 1 : 0));
const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].flatMap(([name, count]) => (count > 0 ? `${count} ${name}` : [])).join("\n") || "0";
const percent = (share: number | undefined): string =>
  share === undefined ? "-" : `${(100 * share).toFixed(1)}%`;

/** What is told of a day, for programs. */
export const summaryOf = (result: Result) => {
  const { observed, recorder, seed, operations, seconds } = result;
  const { callMs, installMs } = observed;
  return {
    seed,
    seconds: Math.round(seconds),
    operations,
    byOperation: Object.fromEntries(observed.operations),
    calls: sum(Object.values(observed.served)) + sum(Object.values(observed.unserved)),
    judged: recorder.reads.length,
    faults: Object.fromEntries(observed.faults),
    wrong: Object.fromEntries(wrongsOf(result)),
    unavailable: Object.fromEntries(observed.unavailable),
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
  "wrong",
  "said so",
  "served",
  "install ms",
  "call ms",
  "s",
];

/** One row a day. */
export const tableOf = (results: readonly Result[]): string => {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const result of results) {
    const { observed } = result;
    const { seed, seconds, operations, calls, served, callMs, installMs } = summaryOf(result);
    table.push([
      seed,
      operations,
      calls,
      listed(observed.faults),
      listed(wrongsOf(result)),
      listed(observed.unavailable),
      phases.map((phase) => `${phase} ${percent(served[phase] ?? undefined)}`).join("\n"),
      `p50 ${ms(installMs.p50)}\np95 ${ms(installMs.p95)}\nmost ${ms(installMs.most)}`,
      `p50 ${ms(callMs.p50)}\np95 ${ms(callMs.p95)}`,
      seconds,
    ]);
  }
  return table.toString();
};

/** Wrong answers of one kind that are told in full, and lines of log with each; a crash has a stack. */
const [TOLD, LOG_LINES, CRASH_LINES] = [8, 8, 30];

const at = (time: number): string => (Number.isFinite(time) ? `${time.toFixed(0)} ms` : "the beginning");

/** Everything that is needed to understand what went wrong. */
export const wrongsInWords = (result: Result): string[] => {
  const { seed, wrongAnswers, wrongJobs: jobs, wrongRemains: remains, observed, logBefore } = result;
  const told = (lines: string[]): string[] =>
    lines.length > TOLD
      ? [...lines.slice(0, TOLD), `seed ${seed}: … and ${lines.length - TOLD} more`]
      : lines;
  const log = (node: string, time: number) =>
    logBefore(node, time, LOG_LINES)
      .map((line) => `\n    ${line}`)
      .join("");
  return [
    ...told(
      wrongAnswers.map(({ kind, read, expected }) => {
        const { register, value, begin, end, node, by } = read;
        const should = expected
          ? `; ${expected.values.join(" or ")} was set by the ${expected.by} from ${at(expected.begin)} to ${at(expected.end)}`
          : "";
        return `seed ${seed}: ${kind}: ${node} answered ${register} ${value} to ${by} from ${at(begin)} to ${at(end)}${should}${log(node, end)}`;
      }),
    ),
    ...told(
      jobs.map(({ kind, job, because }) => `seed ${seed}: ${kind}: job ${job.id} (${job.by}): ${because}`),
    ),
    ...told(remains.map(({ kind, what }) => `seed ${seed}: ${kind}: ${what.slice(0, 2000)}`)),
    ...told(
      observed.unclear.map(
        ({ what, reason, node, at: time }) =>
          `seed ${seed}: unclear error: ${node} answered ${reason} to ${what} at ${at(time)}${log(node, time + 1000)}`,
      ),
    ),
    ...told(
      result.crashes.map(
        ({ node, at: time }) =>
          `seed ${seed}: crash: ${node} ended by itself at ${at(time)}${logBefore(node, time, CRASH_LINES)
            .map((line) => `\n    ${line}`)
            .join("")}`,
      ),
    ),
    ...(result.restless ? [`seed ${seed}: no rest: the cluster did not become well after a fault`] : []),
    ...unservedPhases(result).map((phase) => `seed ${seed}: too few calls were served while: ${phase}`),
  ];
};
