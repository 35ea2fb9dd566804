import type { Client } from "@hitagi/contract";
import { expect, vi } from "vitest";

/** Waits until a job has ended well, and answers its result. */
export const jobDone = async (client: Client, job: number, timeout = 15_000): Promise<unknown> => {
  await vi.waitFor(
    async () => {
      const { state } = await client.getJob({ params: { job } });
      expect(["finished", "failed"]).toContain(state);
    },
    { timeout, interval: 20 },
  );
  const { state, result, error } = await client.getJobDetail({ params: { job } });
  expect(state, error ?? JSON.stringify(result)).toBe("finished");
  return result;
};
