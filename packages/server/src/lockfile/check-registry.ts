import type { HitagiError, Registry, SyncedRegistry } from "@hitagi/contract";
import { alikeHost } from "../admission/look-alikes.ts";
import type { ReadUnadded, UnaddedRegistry } from "../catalog/read-unadded.ts";
import type { Catalog } from "../catalog/types.ts";
import { reportOf } from "../install/steps/plan.ts";
import type { CurrentSetDeps } from "./current-set.ts";
import { addressOf, fieldsOf, type MatchedRegistry, registryConflict } from "./locked-registries.ts";
import { conflictOf } from "./plan-notes.ts";
import { unaddedConflict } from "./plan-unadded.ts";

export interface CheckDeps extends Pick<CurrentSetDeps, "registries" | "decisions"> {
  catalog: Pick<Catalog, "refresh">;
  readUnadded: ReadUnadded;
}

/** A registry of a lock file, compared with what it shows now. */
export interface CheckedRegistry {
  match: MatchedRegistry;
  shown: SyncedRegistry;
  conflict: HitagiError | undefined;
  /** What it offers, if it is to be added and could be read. */
  unadded: UnaddedRegistry | undefined;
}

/**
 * Refreshes a registry that is installed from, or that is not yet what the lock file says. One that is to be added is read.
 * @param needed the plugins that are to be installed from it
 * @param known the configured registries
 */
export const checkRegistry = async (
  deps: CheckDeps,
  match: MatchedRegistry,
  needed: ReadonlySet<string>,
  known: readonly Registry[],
  signal: AbortSignal | undefined,
): Promise<CheckedRegistry> => {
  const isNeeded = needed.size > 0;
  const { name, locked } = match;
  let { registry } = match;
  let conflict = registry && (await registryConflict(deps, match, registry));
  if (registry && (isNeeded || conflict)) {
    const { id } = registry;
    try {
      await deps.catalog.refresh(id, signal);
      registry = (await deps.registries.list()).find((one) => one.id === id);
      conflict = registry && (await registryConflict(deps, match, registry));
    } catch (error) {
      conflict = conflictOf(error);
    }
  }
  let unadded: UnaddedRegistry | undefined;
  if (!registry && isNeeded) {
    try {
      unadded = await deps.readUnadded(fieldsOf(name, locked), needed, signal);
      conflict = unaddedConflict(match, unadded);
    } catch (error) {
      conflict = conflictOf(error);
    }
  }
  const { trust } = registry ?? {};
  const alike = registry ? undefined : await alikeHost(locked.url, known);
  const accepted =
    trust?.epoch !== undefined && trust.sequence !== undefined
      ? { epoch: trust.epoch, sequence: trust.sequence }
      : null;
  const shown: SyncedRegistry = {
    ...{ name, id: registry?.id ?? null, address: addressOf(registry ?? locked) },
    fingerprint: locked.fingerprint ?? null,
    locked: locked.head ? { epoch: locked.head.epoch, sequence: locked.head.sequence } : null,
    accepted,
    conflicts: conflict ? [reportOf(conflict)] : [],
    warnings: alike ? [reportOf(alike)] : [],
  };
  return { match, shown, conflict, unadded };
};
