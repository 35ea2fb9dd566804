import { type InstallPlan, type ShownVersion, shownVersions, type Update } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { Catalog } from "../catalog/types.ts";
import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import type { ActivePlugin, ActivePlugins } from "../plugins/types.ts";
import type { Enqueue } from "../tasks/enqueue.ts";
import { automaticOf, isOpen, updatePolicy } from "./update-policy.ts";

export interface AutomaticUpdatesDeps {
  documents: Pick<Documents, "read">;
  catalog: Pick<Catalog, "updates" | "withdrawn">;
  active: Pick<ActivePlugins, "get">;
  installer: Pick<Installer, "plan">;
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

/** Why an update waits for the owner; undefined if nothing is new that the owner would have to decide on. */
const whyOwner = (plan: InstallPlan, plugin: ActivePlugin): string | undefined => {
  const [conflict] = plan.conflicts;
  if (conflict) return conflict.code;
  if (plan.permissions === null || plan.permissions.more.length > 0) return "it asks for more permissions";
  const known = new Set(plugin.manifest.uses ?? []);
  if (plan.uses.some((one) => !known.has(one))) return "it calls functions of other plugins";
  return plan.action === "upgrade" ? undefined : "it is no upgrade";
};

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

  /** A version in another language would be confined in another way. */
  const sameRuntime = (plan: InstallPlan, plugin: ActivePlugin): boolean =>
    plan.confinement?.walls?.includes("deno") === (plugin.runtime === "deno");

  /** @returns the versions that were judged, and no others are installed; undefined where the update waits */
  const judgedVersions = async (
    { namespace, registry, update }: Update,
    plugin: ActivePlugin,
    signal: AbortSignal | undefined,
  ): Promise<ShownVersion[] | undefined> => {
    const plan = await installer.plan({ namespace, registry, version: update, update: "automatic" }, signal);
    const reason = whyOwner(plan, plugin) ?? (sameRuntime(plan, plugin) ? undefined : "its runtime changes");
    if (reason === undefined) return shownVersions(plan);
    const key = `${namespace} ${update}`;
    if (!waiting.has(key)) log.info({ plugin: namespace, update, reason }, "an automatic update waits");
    waiting.add(key);
    return undefined;
  };

  const runOnce = async (signal?: AbortSignal): Promise<string[]> => {
    const { value: policy } = await documents.read(updatePolicy);
    if (!isOpen(policy.window, now())) return [];
    const withdrawn = new Set((await catalog.withdrawn()).map(({ namespace }) => namespace));
    const queued: string[] = [];
    for (const update of await catalog.updates()) {
      const { namespace } = update;
      const plugin = active.get(namespace);
      if (plugin?.health.state !== "ok" || withdrawn.has(namespace)) continue;
      if (!automaticOf(plugin, policy).automatic) continue;
      const shown = await judgedVersions(update, plugin, signal);
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
