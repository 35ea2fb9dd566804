import { client } from "./client.ts";
import { onEvent } from "./live.ts";

/** Resolves when a job has ended, also one that ended before it was asked for. */
export const jobEnd = (job: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      stop();
      resolve();
    };
    const look = async (): Promise<void> => {
      const { state } = await client.getJob({ params: { job } });
      if (state === "finished" || state === "failed") end();
    };
    const stop = onEvent((message) => {
      // After a break in the stream its end may have been missed.
      if (message.kind === "ready" || message.kind === "reset") look().catch(reject);
      else if (message.kind === "job" && message.job === job && message.action === "ended") end();
    });
    look().catch(reject);
  });
