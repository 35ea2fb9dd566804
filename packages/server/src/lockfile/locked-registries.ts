import {
  HitagiError,
  type LockedHead,
  type LockedRegistry,
  type Registry,
  type RegistryFields,
} from "@hitagi/contract";
import { sameSource } from "../catalog/registry-fields.ts";
import { acceptedHead, type CurrentSetDeps } from "./current-set.ts";
import type { SyncRequest } from "./types.ts";

/** A registry of a lock file, with the one here that it is; undefined if it is to be added. */
export interface MatchedRegistry {
  name: string;
  locked: LockedRegistry;
  registry: Registry | undefined;
}

/** The fields to add a registry of a lock file with. */
export const fieldsOf = (name: string, locked: LockedRegistry): RegistryFields => {
  const { provider, url, ref, path, folder, lenient, generateIndex } = locked;
  return { name, provider, url, ref, path, folder, lenient, generateIndex };
};

/** The address of a registry on one line. */
export const addressOf = ({ url, ref, folder, path }: LockedRegistry | Registry): string =>
  [url, ref, folder, path].filter(Boolean).join(" ");

/** A registry is another's copy if it shows the same recovery key, wherever it is; one that is not signed only at the same address. */
const findRegistry = (
  name: string,
  locked: LockedRegistry,
  registries: readonly Registry[],
): Registry | undefined => {
  const fields = fieldsOf(name, locked);
  const atAddress = registries.filter((one) => sameSource(fields, one));
  const { fingerprint } = locked;
  const ofKey = (all: readonly Registry[]) => all.find(({ trust }) => trust?.fingerprint === fingerprint);
  const signed = fingerprint === undefined ? undefined : (ofKey(atAddress) ?? ofKey(registries));
  return signed ?? atAddress[0];
};

/** Finds the registries of a lock file here. @throws HitagiError REGISTRY_NOT_FOUND for an id that the request names */
export const matchRegistries = (
  { lock, registries: named = {} }: SyncRequest,
  registries: readonly Registry[],
): Map<string, MatchedRegistry> => {
  const chosen = new Map(Object.entries(named));
  const byId = (id: string): Registry => {
    const found = registries.find((one) => one.id === id);
    if (found === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    return found;
  };
  return new Map(
    Object.entries(lock.registries).map(([name, locked]) => {
      const id = chosen.get(name);
      const registry = id === undefined ? findRegistry(name, locked, registries) : byId(id);
      return [name, { name, locked, registry }];
    }),
  );
};

const numberOf = ({ epoch, sequence }: LockedHead): string => `epoch ${epoch}, head ${sequence}`;

/**
 * Why a registry is not the one of the lock file, or is older: its key is never replaced, and its accepted head must not be below the
 * locked one nor contradict it.
 */
export const registryConflict = async (
  deps: Pick<CurrentSetDeps, "decisions">,
  { name, locked }: MatchedRegistry,
  registry: Registry,
): Promise<HitagiError | undefined> => {
  const { fingerprint, head } = locked;
  const { id, trust } = registry;
  if (fingerprint !== undefined && trust?.fingerprint !== fingerprint) {
    const found = trust?.fingerprint ?? "none";
    return new HitagiError("LOCK_KEY_DIFFERS", { name, id, here: registry.name, locked: fingerprint, found });
  }
  return head && headConflict(name, registry, head, await acceptedHead(deps, registry));
};

/**
 * Why a head is below the locked one, or contradicts it.
 * @param name of the registry in the lock file
 * @param found undefined where there is none
 */
export const headConflict = (
  name: string,
  registry: Pick<Registry, "id" | "name">,
  head: LockedHead,
  found: (LockedHead & { previous: readonly { sequence: number; sha256: string }[] }) | undefined,
): HitagiError | undefined => {
  const below = (shown: string) =>
    new HitagiError("HEAD_BELOW_LOCK", { name, found: shown, locked: numberOf(head) });
  if (!found) return below("no signed head");
  const isBelow = found.epoch < head.epoch || (found.epoch === head.epoch && found.sequence < head.sequence);
  if (isBelow) return below(numberOf(found));
  const sameEpoch = found.epoch === head.epoch;
  const known = [found, ...found.previous].find(({ sequence }) => sequence === head.sequence);
  if (!sameEpoch || known === undefined || known.sha256 === head.sha256) return undefined;
  return new HitagiError("HEAD_FORKED", {
    ...{ id: registry.id, name: registry.name, reason: `the lock file has another ${numberOf(head)}` },
  });
};
