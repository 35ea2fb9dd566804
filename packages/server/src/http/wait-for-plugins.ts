import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyRequest } from "fastify";
import type { Jobs } from "../jobs/types.ts";

/** Milliseconds between two looks at a job, which may run on another server. */
const LOOK = { first: 20, longest: 250, growth: 1.5 };

/** Whether the client wants the answer at once (RFC 7240 §4.1). */
const wantsAnswerAtOnce = ({ headers }: FastifyRequest): boolean =>
  [headers.prefer ?? []].flat().some((value) => /(?:^|,)\s*respond-async\s*(?:[,;]|$)/i.test(value));

/**
 * Waits until the job of an upload's plugins has ended, as LANraragi's clients expect: they read the tags next. It never
 * fails, because the archive is in the library.
 * @param signal ends the wait
 */
export const waitForPlugins = async (
  jobs: Pick<Jobs, "get">,
  job: number | null,
  request: FastifyRequest,
  signal: AbortSignal,
): Promise<void> => {
  if (job === null || wantsAnswerAtOnce(request)) return;
  try {
    for (let pause = LOOK.first; ; pause = Math.min(pause * LOOK.growth, LOOK.longest)) {
      const { state } = await jobs.get(job);
      if (state === "finished" || state === "failed") return;
      await sleep(pause, undefined, { signal });
    }
  } catch (err) {
    if (!signal.aborted) request.log.warn({ err, job }, "the job of an upload's plugins was not waited for");
  }
};
