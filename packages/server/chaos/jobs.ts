import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask, verdictOf } from "./ask.ts";
import type { JobEnd } from "./ledger.ts";
import type { World } from "./world.ts";

/** Milliseconds in which a job must have ended, whatever fails meanwhile, and between two looks at it. */
const [ENDS_MS, LOOK_MS] = [90_000, 25];

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

/** How a job stands; undefined where the cluster knows none; an unavailable answer where that cannot be told. */
const look = async (base: string, id: number): Promise<{ detail?: Detail; known: boolean }> => {
  const answer = await ask(base, { method: "GET", path: `/api/minion/${id}/detail` });
  if (answer.verdict === "ok") return { detail: answer.body as unknown as Detail, known: true };
  return { known: answer.reason !== "JOB_NOT_FOUND" };
};

/** Notes in the ledger how a job stands at this moment, where that can be told. Answers it. */
export const noteJob = async (world: World, id: number, base?: string): Promise<Detail | undefined> => {
  const { detail, known } = await look(base ?? world.cluster.balancer.url, id);
  const seen = world.ledger.seen.get(id) ?? [];
  if (detail && hasEnded(detail)) seen.push(endOf(detail));
  if (!known) seen.push(undefined);
  world.ledger.seen.set(id, seen);
  return detail;
};

/** What came of a job, as if it had been answered at once; `data` is its result's. */
export interface Ended extends Pick<Answer, "verdict" | "reason" | "node"> {
  data: unknown;
}

/** A job that was begun again after a crash may have done before what it says that it could not do. */
const verdictOfEnd = ({ retries, result }: Detail): Answer["verdict"] => {
  if (result?.success === 1) return "ok";
  const verdict = verdictOf(500, result?.code);
  return verdict === "refused" && retries > 0 ? "unavailable" : verdict;
};

/** Waits until a job has ended, whoever has to be asked; undefined where it does not. */
export const endOfJob = async (world: World, id: number): Promise<Ended | undefined> => {
  const until = performance.now() + ENDS_MS;
  while (performance.now() < until) {
    const { detail } = await look(world.cluster.balancer.url, id);
    if (detail && hasEnded(detail)) {
      const reason = detail.result?.success === 1 ? "ok" : (detail.result?.code ?? "no result");
      return { verdict: verdictOfEnd(detail), reason, node: `job ${id}`, data: detail.result?.data };
    }
    await sleep(LOOK_MS);
  }
  return undefined;
};

/** The jobs that have not ended, as the cluster lists them. */
export const unended = async (world: World): Promise<number | undefined> => {
  const counts = await Promise.all(
    ["inactive", "active"].map((state) =>
      ask(world.cluster.balancer.url, { method: "GET", path: `/api/minion?state=${state}&size=1` }),
    ),
  );
  if (counts.some(({ verdict }) => verdict !== "ok")) return undefined;
  return counts.reduce((sum, { body }) => sum + Number(body.total), 0);
};
