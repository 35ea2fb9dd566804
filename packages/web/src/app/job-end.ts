import { ApiError } from "@hitagi/contract";
import { showFault, showToast } from "../design/toast.tsx";
import { type CallOutput, client } from "./client.ts";
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

type Failure = ConstructorParameters<typeof ApiError>[1];

/** Why a job failed; undefined if it did not. As for LANraragi's clients, a finished job can have failed. */
export const jobFailure = ({
  result,
  error,
}: Pick<CallOutput<"getJobDetail">, "result" | "error">): Failure | undefined => {
  const told = (typeof result === "object" && result !== null ? result : {}) as Failure & {
    success?: number;
  };
  if (told.success === 0) return told;
  return error === null ? undefined : { error };
};

/** Of the parts of a job's work, such as the archives of a batch, how many failed of how many; undefined if none did. */
export const partsFailed = ({
  result,
}: Pick<CallOutput<"getJobDetail">, "result">): { failed: number; total: number } | undefined => {
  const { failed, total } = (result ?? {}) as { failed?: unknown; total?: unknown };
  return typeof failed === "number" && typeof total === "number" ? { failed, total } : undefined;
};

/** Says how a job ended that this browser began. @param done the words if it did not fail */
export const sayJobEnd = async (job: number, done: string): Promise<void> => {
  try {
    await jobEnd(job);
    const failure = jobFailure(await client.getJobDetail({ params: { job } }));
    if (failure === undefined) showToast({ text: done });
    else showFault(new ApiError(422, failure));
  } catch (error) {
    showFault(error);
  }
};
