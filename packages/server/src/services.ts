import type { Actor, ListedUpdate } from "@hitagi/contract";
import type { Logger } from "pino";
import type { BlockEnforcement } from "./admission/block-enforcement.ts";
import type { BlockLists } from "./admission/block-lists.ts";
import type { Integrity } from "./admission/integrity.ts";
import type { MonitoredShare } from "./artifacts/shares/monitor.ts";
import type { Backups } from "./backup/backups.ts";
import type { Restores } from "./backup/restores.ts";
import type { MirrorFiles } from "./catalog/mirror-files.ts";
import type { TrustDecisions } from "./catalog/trust/trust-decisions.ts";
import type { Catalog, ProbeRegistry, RefreshAll, Registries } from "./catalog/types.ts";
import type { Cluster } from "./cluster/types.ts";
import type { Config } from "./config/config.ts";
import type { Documents } from "./documents/documents.ts";
import type { EventBus } from "./events/types.ts";
import type { History } from "./history/types.ts";
import type { Installer } from "./install/types.ts";
import type { Jobs } from "./jobs/types.ts";
import type { Keys } from "./keys/keys.ts";
import type { Library } from "./library/types.ts";
import type { Lockfiles } from "./lockfile/types.ts";
import type { LogTail } from "./log.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Receivers, Send } from "./notifications/types.ts";
import type { PluginLogs } from "./plugin-logs/types.ts";
import type { Chain } from "./plugins/chain/chain.ts";
import type { LanraragiSettings } from "./plugins/lanraragi-settings.ts";
import type { Plugins } from "./plugins/types.ts";
import type { Policy } from "./policy/types.ts";
import type { Broker, Runtime } from "./runtimes/types.ts";
import type { Schedules } from "./schedules/types.ts";
import type { Store } from "./store/types.ts";
import type { Enqueue } from "./tasks/enqueue.ts";
import type { Thumbnails } from "./thumbnails/types.ts";

/** Everything that http/ calls, composed in app/. */
export interface Services {
  config: Config;
  log: Logger;
  /** The newest lines of that log. */
  logTail: LogTail;
  store: Store;
  registries: Registries;
  catalog: Catalog;
  /** Refreshes all registries at once, and records each refresh with this actor. */
  refreshAll: (actor: Actor) => RefreshAll;
  probeRegistry: ProbeRegistry;
  trustDecisions: TrustDecisions;
  /** The updates, with why automatic updates do not take them yet. */
  listedUpdates: () => Promise<ListedUpdate[]>;
  /** What a copy of a registry is made of. */
  mirrorFiles: MirrorFiles;
  installer: Installer;
  /** The set of registries and plugins as a lock file. */
  lockfiles: Lockfiles;
  /** Compares installed files with their records, and quarantines what changed. */
  integrity: Pick<Integrity, "check">;
  blockLists: BlockLists;
  blockEnforcement: Pick<BlockEnforcement, "enforce" | "hits">;
  plugins: Plugins;
  chain: Chain;
  lanraragiSettings: LanraragiSettings;
  library: Library;
  thumbnails: Thumbnails;
  /** The owner's policies, rules and the like. */
  documents: Documents;
  policy: Policy;
  /** Keeps memory consistent with the store. */
  cluster: Cluster;
  /** The share of plugins' bytes; undefined if that is the store. */
  share: Pick<MonitoredShare, "fault"> | undefined;
  jobs: Jobs;
  enqueue: Enqueue;
  schedules: Schedules;
  receivers: Receivers;
  /** Sends one message to one receiver, once. */
  sendNotification: Send;
  keys: Keys;
  events: EventBus;
  history: History;
  pluginLogs: PluginLogs;
  metrics: Metrics;
  /** The metrics as they are now, in Prometheus' text form. */
  scrape(): Promise<{ type: string; text: string }>;
  runtimes: readonly Runtime[];
  broker: Broker;
  backups: Backups;
  restores: Restores;
}
