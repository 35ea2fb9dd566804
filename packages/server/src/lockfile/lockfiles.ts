import { exportSet } from "./export-set.ts";
import { createPlanner } from "./plan.ts";
import { createSync, type SyncDeps } from "./sync-set.ts";
import type { Lockfiles } from "./types.ts";

/** The set of a server as a lock file; see Lockfiles. */
export const createLockfiles = (deps: SyncDeps): Lockfiles => {
  const makeSteps = createPlanner(deps);
  return {
    export: () => exportSet(deps),
    plan: async (request, signal) => (await makeSteps(request, signal)).plan,
    sync: createSync(deps),
  };
};
