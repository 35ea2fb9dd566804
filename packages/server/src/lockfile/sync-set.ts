import {
  HitagiError,
  isHitagiError,
  type LockedPlugin,
  type Permissions,
  type SyncPlan,
} from "@hitagi/contract";
import type { TrustDecisions } from "../catalog/trust/trust-decisions.ts";
import type { Registries } from "../catalog/types.ts";
import type { Installer } from "../install/types.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Locks, PluginStore } from "../store/types.ts";
import { changePlugin, liftHold } from "./change-plugin.ts";
import { readCurrentSet } from "./current-set.ts";
import { inRounds } from "./in-rounds.ts";
import { setPolicies } from "./locked-policies.ts";
import { fieldsOf, matchRegistries } from "./locked-registries.ts";
import { createPlanner, type PlanDeps, type Step, type SyncSteps } from "./plan.ts";
import { pluginBefore, readJournal, type SyncJournal } from "./sync-journal.ts";
import type { SyncProgress, SyncRequest } from "./types.ts";
import { type UndoDeps, undoSync } from "./undo-sync.ts";

export interface SyncDeps extends PlanDeps, UndoDeps {
  registries: Pick<Registries, "list" | "create" | "delete">;
  decisions: Pick<TrustDecisions, "head" | "pinTo">;
  installer: PlanDeps["installer"] & UndoDeps["installer"] & Pick<Installer, "install">;
  plugins: UndoDeps["plugins"] & Pick<Plugins, "grant" | "configure" | "changeUpdates" | "putSettings">;
  store: PlanDeps["store"] & UndoDeps["store"] & Pick<PluginStore, "get">;
  documents: UndoDeps["documents"];
  locks: Locks;
  /** Epoch seconds. */
  now: () => number;
}

const stopIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw signal.reason;
};

/**
 * What a restored version is granted before it is compared with the lock file, whose permissions are checked as an owner's are: nothing.
 * A plugin with an open network has no hosts until then, unless the lock file leaves it open.
 */
const firstGrant = (wanted: LockedPlugin | undefined): Permissions =>
  wanted?.granted.net ? { net: [] } : {};

/** Whether a sync goes on at the next start, with what it kept. */
const goesOn = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && !isHitagiError(signal.reason, "JOB_CANCELLED");

/** See Lockfiles.sync. */
export const createSync = (deps: SyncDeps) => {
  const { registries, decisions, installer, plugins, store, locks, now } = deps;
  const makeSteps = createPlanner(deps);

  /** A new registry is pinned to the locked key before its first contact. */
  const addRegistries = async (request: SyncRequest, journal: SyncJournal, keep: SyncProgress["keep"]) => {
    for (const { name, locked, registry } of matchRegistries(request, await registries.list()).values()) {
      if (registry) continue;
      const { id } = await registries.create(fieldsOf(name, locked));
      journal.added.push(id);
      await keep(journal);
      if (locked.fingerprint !== undefined) await decisions.pinTo(id, locked.fingerprint);
    }
  };

  const noteBefore = async (
    { steps, current, policies }: SyncSteps,
    journal: SyncJournal,
    keep: SyncProgress["keep"],
  ): Promise<void> => {
    const known = new Set(journal.plugins.map(({ namespace }) => namespace));
    for (const { namespace, wanted } of steps) {
      if (known.has(namespace)) continue;
      const record = await store.get(namespace);
      journal.plugins.push(pluginBefore(namespace, current.plugins.get(namespace), record, wanted));
    }
    if (policies) journal.policies ??= policies;
    await keep(journal);
  };

  const changeFile = async (
    { namespace, file, wanted, shown }: Step,
    progress: SyncProgress,
  ): Promise<void> => {
    if (file === undefined || file === "remove") return;
    const isHeld = shown.from !== null && shown.fields.some(({ field }) => field === "hold");
    if (isHeld) await liftHold(plugins, namespace);
    const { sha256 } =
      "restore" in file
        ? await installer.restoreVersion(namespace, file.restore, firstGrant(wanted))
        : await installer.install(file.install, { signal: progress.signal });
    // The registry can have changed since the plan.
    if (wanted?.sha256 === undefined || wanted.sha256 === sha256) return;
    const hashes = { locked: wanted.sha256, found: sha256 };
    throw new HitagiError("LOCK_HASH_DIFFERS", { namespace, version: wanted.version ?? "", ...hashes });
  };

  /** Files first: what can fail comes before what cannot. */
  const carryOut = async ({ steps, policies }: SyncSteps, progress: SyncProgress): Promise<void> => {
    const { signal, onStep } = progress;
    for (const [n, step] of steps.entries()) {
      onStep?.(`${step.namespace}: ${step.shown.action}, ${n + 1} of ${steps.length}`);
      stopIfAborted(signal);
      await changeFile(step, progress);
    }
    const removals = steps.filter(({ file }) => file === "remove");
    const [refused] = await inRounds(removals, ({ namespace }) =>
      // What needs it goes too, or is in the lock file without it.
      installer.uninstall(namespace, { ignoreRequirements: true }),
    );
    if (refused) throw refused.error;
    const { plugins: changed } = await readCurrentSet(deps);
    for (const { namespace, wanted } of steps) {
      stopIfAborted(signal);
      const current = changed.get(namespace);
      if (wanted && current) await changePlugin(plugins, current, wanted, Math.floor(now()), deps.documents);
    }
    if (policies) await setPolicies(deps.documents, policies.wanted);
  };

  const undo = async (journal: SyncJournal, error: unknown): Promise<void> => {
    const left = await undoSync(deps, journal);
    if (left.length === 0) return;
    const reason = isHitagiError(error) ? error.message : "an internal error";
    throw new HitagiError("UNDO_FAILED", { reason, left: left.join(", ") }, { cause: error });
  };

  return async (request: SyncRequest, progress: SyncProgress): Promise<SyncPlan> => {
    const lock = await locks.tryAcquire("sync");
    if (lock === undefined) throw new HitagiError("SYNC_BUSY");
    const journal = readJournal(progress.checkpoint);
    try {
      progress.onStep?.("plan");
      await addRegistries(request, journal, progress.keep);
      const steps = await makeSteps(request, progress.signal);
      if (steps.plan.conflicts > 0) await undo(journal, undefined);
      else {
        await noteBefore(steps, journal, progress.keep);
        await carryOut(steps, progress);
      }
      return steps.plan;
    } catch (error) {
      if (!goesOn(progress.signal)) await undo(journal, error);
      throw error;
    } finally {
      await lock.release();
    }
  };
};
