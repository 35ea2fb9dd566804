/** What is known of how a job ended, as the API tells it. */
export interface JobEnd {
  state: string;
  /** Epoch seconds as text. */
  finished: string | null;
  /** Whether its task did what it was to do. */
  success: boolean;
  code: string | undefined;
}

/** A job whose number was answered, so that it must end, once. */
export interface QueuedJob {
  id: number;
  /** What its side effect carries, so that the effects of each can be counted. */
  token: string;
  by: string;
}

export const wrongJobs = ["lost job", "doubled job", "endless job", "job that ended twice"] as const;

export interface WrongJob {
  kind: (typeof wrongJobs)[number];
  job: QueuedJob;
  because: string;
}

const ENDED: readonly string[] = ["finished", "failed"];

/** Why one job went wrong, or undefined. A task that may not be repeated has its effect once where it succeeded, else once at most. */
const judgeJob = (
  ends: readonly (JobEnd | undefined)[],
  effects: number,
): Omit<WrongJob, "job"> | undefined => {
  const last = ends.at(-1);
  if (last === undefined) return { kind: "lost job", because: "nobody knows it" };
  if (!ENDED.includes(last.state)) return { kind: "endless job", because: `it is ${last.state}` };
  const different = ends.find((e) => e && (e.state !== last.state || e.finished !== last.finished));
  if (different && ENDED.includes(different.state)) {
    return {
      kind: "job that ended twice",
      because: `${JSON.stringify(different)}, then ${JSON.stringify(last)}`,
    };
  }
  if (effects > 1) return { kind: "doubled job", because: `its effect is there ${effects} times` };
  if (last.success && effects === 0) return { kind: "lost job", because: "it succeeded without an effect" };
  return undefined;
};

/**
 * The jobs that were lost, doubled or never end.
 * @param seen for each job what was seen of its end, oldest first; undefined where it was asked for and not there
 * @param effects how often the effect of each token is there
 */
export const judgeJobs = (
  jobs: readonly QueuedJob[],
  seen: ReadonlyMap<number, readonly (JobEnd | undefined)[]>,
  effects: ReadonlyMap<string, number>,
): WrongJob[] =>
  jobs.flatMap((job) => {
    const wrong = judgeJob(seen.get(job.id) ?? [], effects.get(job.token) ?? 0);
    return wrong ? [{ ...wrong, job }] : [];
  });
