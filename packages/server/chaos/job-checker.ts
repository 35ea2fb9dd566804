/** How a job ended, by the API. */
export interface JobEnd {
  state: string;
  /** Epoch seconds as text. */
  finished: string | null;
  /** Whether its task succeeded. */
  success: boolean;
  code: string | undefined;
}

/** A job whose id was answered: it must end, once. */
export interface QueuedJob {
  id: number;
  /** Marks its side effect, so that its effects can be counted. */
  token: string;
  by: string;
}

export const jobViolationKinds = ["lost job", "doubled job", "endless job", "job that ended twice"] as const;

export interface JobViolation {
  kind: (typeof jobViolationKinds)[number];
  job: QueuedJob;
  because: string;
}

const ENDED: readonly string[] = ["finished", "failed"];

/** The violation of one job, if any. A task that may not be repeated has its effect once if it succeeded, else at most once. */
const checkJob = (
  ends: readonly (JobEnd | undefined)[],
  effects: number,
): Omit<JobViolation, "job"> | undefined => {
  const last = ends.at(-1);
  if (last === undefined) return { kind: "lost job", because: "no node knows it" };
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
 * Finds lost, doubled and endless jobs.
 * @param seen what was seen of each job's end, oldest first; undefined where a node did not know the job
 * @param effects how often the effect of each token is there
 */
export const checkJobs = (
  jobs: readonly QueuedJob[],
  seen: ReadonlyMap<number, readonly (JobEnd | undefined)[]>,
  effects: ReadonlyMap<string, number>,
): JobViolation[] =>
  jobs.flatMap((job) => {
    const wrong = checkJob(seen.get(job.id) ?? [], effects.get(job.token) ?? 0);
    return wrong ? [{ ...wrong, job }] : [];
  });
