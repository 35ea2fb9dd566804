import { addressRoutes } from "./addresses.ts";
import { allPolicyRoutes } from "./all-policies.ts";
import { archiveRoutes } from "./archives.ts";
import { batchRoutes } from "./batches.ts";
import { blockListRoutes } from "./block-lists.ts";
import { catalogRoutes } from "./catalog.ts";
import { categoryRoutes } from "./categories.ts";
import { chainRoutes } from "./chain.ts";
import { eventRoutes } from "./events.ts";
import { historyRoutes } from "./history.ts";
import { installPolicyRoutes } from "./install-policy.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { lockfileRoutes } from "./lockfile.ts";
import { notificationRoutes } from "./notifications.ts";
import { pluginLogRoutes } from "./plugin-logs.ts";
import { pluginRoutes } from "./plugins.ts";
import { policyRoutes } from "./policy.ts";
import { registryRoutes } from "./registries.ts";
import { registryTrustRoutes } from "./registry-trust.ts";
import { restoreRoutes } from "./restores.ts";
import { scheduleRoutes } from "./schedules.ts";
import { serverRoutes } from "./server.ts";
import { serverLogRoutes } from "./server-log.ts";
import { sessionRoutes } from "./sessions.ts";
import { updateRoutes } from "./updates.ts";

/** Every call of the API by its operation id. */
export const api = {
  ...registryRoutes,
  ...registryTrustRoutes,
  ...catalogRoutes,
  ...pluginRoutes,
  ...pluginLogRoutes,
  ...addressRoutes,
  ...allPolicyRoutes,
  ...policyRoutes,
  ...installPolicyRoutes,
  ...blockListRoutes,
  ...updateRoutes,
  ...lockfileRoutes,
  ...batchRoutes,
  ...chainRoutes,
  ...archiveRoutes,
  ...categoryRoutes,
  ...jobRoutes,
  ...scheduleRoutes,
  ...notificationRoutes,
  ...keyRoutes,
  ...sessionRoutes,
  ...eventRoutes,
  ...historyRoutes,
  ...serverRoutes,
  ...restoreRoutes,
  ...serverLogRoutes,
};
export type Api = typeof api;
export type OperationId = keyof Api;
