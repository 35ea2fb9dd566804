import { isHitagiError, type ShownVersion, type Update } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { Catalog } from "../catalog/types.ts";
import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import type { ActivePlugins } from "../plugins/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import { automaticOf, isOpen, updatePolicy } from "./update-policy.ts";

export interface AutomaticUpdatesDeps {
  documents: Pick<Documents, "read">;
  catalog: Pick<Catalog, "updates">;
  active: Pick<ActivePlugins, "get">;
  installer: Pick<Installer, "judgeAutomatic">;
  enqueue: Pick<Enqueue, "upgradePlugins">;
  log: Pick<Logger, "info" | "error">;
  /** Epoch seconds. */
  now: () => number;
}

/** Installs the updates that the owner wants without being asked. */
export interface AutomaticUpdates {
  start(): void;
  /** Queues what is due now. @returns the namespaces that are upgraded */
  runOnce(signal?: AbortSignal): Promise<string[]>;
  /** Resolves when a run has ended. */
  stop(): Promise<void>;
}

/** Milliseconds between two looks. */
const EVERY_MS = 15 * 60_000;
const DAY_S = 86_400;

/**
 * Looks for updates again and again, and queues an upgrade of each in the owner's hours, as the schedule: history and events tell of
 * each. The key of a job names version and day, so that of several servers one queues it, and a failed update is tried again the
 * next day.
 */
export const createAutomaticUpdates = (deps: AutomaticUpdatesDeps): AutomaticUpdates => {
  const { documents, catalog, active, installer, enqueue, log, now } = deps;
  let stop: StopRepeating = async () => {};
  /** The updates that wait for the owner, so that each is logged once. */
  const waiting = new Set<string>();

  /** @returns the versions that were judged, and no others are installed; undefined where the update waits */
  const judgedVersions = async (
    update: Update,
    signal: AbortSignal | undefined,
  ): Promise<ShownVersion[] | undefined> => {
    try {
      return await installer.judgeAutomatic(update, signal);
    } catch (error) {
      if (!isHitagiError(error)) throw error;
      const { namespace, update: version } = update;
      const reason = isHitagiError(error, "UPDATE_NEEDS_OWNER") ? error.message : error.code;
      const key = `${namespace} ${version}`;
      if (!waiting.has(key))
        log.info({ plugin: namespace, update: version, reason }, "an automatic update waits");
      waiting.add(key);
      return undefined;
    }
  };

  const runOnce = async (signal?: AbortSignal): Promise<string[]> => {
    const { value: policy } = await documents.read(updatePolicy);
    if (!isOpen(policy.window, now())) return [];
    const queued: string[] = [];
    for (const update of await catalog.updates()) {
      const { namespace } = update;
      const plugin = active.get(namespace);
      if (plugin?.health.state !== "ok") continue;
      if (!automaticOf(plugin, policy).automatic) continue;
      const shown = await judgedVersions(update, signal);
      if (!shown) continue;
      const once = `update ${namespace} ${update.update} ${Math.floor(now() / DAY_S)}`;
      const actor = { kind: "schedule", key: null } as const;
      await enqueue.upgradePlugins(
        { namespaces: [namespace], grant: false, automatic: true, shown },
        { actor, once },
      );
      queued.push(namespace);
    }
    return queued;
  };

  return {
    runOnce,
    start() {
      const onError = (err: unknown) => log.error({ err }, "automatic updates failed");
      stop = repeat(async (signal) => void (await runOnce(signal)), { everyMs: EVERY_MS, onError });
    },
    stop: () => stop(),
  };
};
