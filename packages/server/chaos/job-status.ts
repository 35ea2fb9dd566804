import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, call, verdictOf } from "./client.ts";
import type { Context } from "./context.ts";
import type { JobEnd } from "./job-checker.ts";

/** Milliseconds in which a job must end, also during faults, and between two polls of it. */
const [ENDS_MS, POLL_MS] = [90_000, 25];

interface Detail {
  state: string;
  finished: string | null;
  retries: number;
  result: { success?: number; code?: string; data?: unknown } | null;
}

const endOf = ({ state, finished, result }: Detail): JobEnd => ({
  state,
  finished,
  success: result?.success === 1,
  code: result?.code,
});

const hasEnded = ({ state }: Pick<JobEnd, "state">): boolean => state === "finished" || state === "failed";

/** The state of a job; `known` is false where the cluster has no such job. */
const look = async (base: string, id: number): Promise<{ detail?: Detail; known: boolean }> => {
  const answer = await call(base, { method: "GET", path: `/api/minion/${id}/detail` });
  if (answer.verdict === "ok") return { detail: answer.body as unknown as Detail, known: true };
  return { known: answer.reason !== "JOB_NOT_FOUND" };
};

/** Records the end of a job, if it has ended. */
export const recordJob = async (context: Context, id: number, base?: string): Promise<Detail | undefined> => {
  const { detail, known } = await look(base ?? context.cluster.balancer.url, id);
  const seen = context.jobLog.seen.get(id) ?? [];
  if (detail && hasEnded(detail)) seen.push(endOf(detail));
  if (!known) seen.push(undefined);
  context.jobLog.seen.set(id, seen);
  return detail;
};

/** The outcome of a job, as if the call had waited for it; `data` is that of its result. */
export interface Ended extends Pick<Answer, "verdict" | "reason" | "node"> {
  data: unknown;
}

/** A job that ran again after a crash may have had its effect in an earlier run. */
const verdictOfEnd = ({ retries, result }: Detail): Answer["verdict"] => {
  if (result?.success === 1) return "ok";
  const verdict = verdictOf(500, result?.code);
  return verdict === "refused" && retries > 0 ? "unavailable" : verdict;
};

/** Waits until a job has ended; undefined where it does not. */
export const endOfJob = async (context: Context, id: number): Promise<Ended | undefined> => {
  const until = performance.now() + ENDS_MS;
  while (performance.now() < until) {
    const { detail } = await look(context.cluster.balancer.url, id);
    if (detail && hasEnded(detail)) {
      const reason = detail.result?.success === 1 ? "ok" : (detail.result?.code ?? "no result");
      return { verdict: verdictOfEnd(detail), reason, node: `job ${id}`, data: detail.result?.data };
    }
    await sleep(POLL_MS);
  }
  return undefined;
};

/** The number of jobs that have not ended; undefined where the cluster cannot be asked. */
export const unfinishedJobs = async (context: Context): Promise<number | undefined> => {
  const counts = await Promise.all(
    ["inactive", "active"].map((state) =>
      call(context.cluster.balancer.url, { method: "GET", path: `/api/minion?state=${state}&size=1` }),
    ),
  );
  if (counts.some(({ verdict }) => verdict !== "ok")) return undefined;
  return counts.reduce((sum, { body }) => sum + Number(body.total), 0);
};
