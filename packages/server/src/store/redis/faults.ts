import type { Store } from "../types.ts";

type Parts = Pick<Store, "registries" | "plugins" | "jobs" | "archives" | "keys" | "history">;

/** Reads what is stored and answers, in words, what of it is no data of Hitagi's. */
export const findFaults = async (store: Parts): Promise<string[]> => {
  const readings: [string, () => Promise<unknown>][] = [
    ["registries", store.registries.list],
    ["plugins", store.plugins.list],
    ["jobs", () => store.jobs.inStates("inactive", "active", "finished", "failed")],
    ["archives", store.archives.list],
    ["keys", store.keys.list],
    ["history", () => store.history.list({ action: "" }, 1, 1)],
  ];
  const faults: string[] = [];
  for (const [what, read] of readings) {
    await read().catch((e: unknown) => {
      if (!(e instanceof SyntaxError)) throw e;
      faults.push(`some of the ${what} cannot be read`);
    });
  }
  return faults;
};
