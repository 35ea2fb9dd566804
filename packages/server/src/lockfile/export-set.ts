import type { LockedPlugin, LockedRegistry, Lockfile, Registry } from "@hitagi/contract";
import { acceptedHead, type CurrentSetDeps, readCurrentSet } from "./current-set.ts";
import { readPolicies } from "./locked-policies.ts";

/** The names of registries in a lock file, by their ids: their own, with a number where two have the same. */
export const lockNames = (registries: readonly Pick<Registry, "id" | "name">[]): Map<string, string> => {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id, name } of registries) {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name} ${n}`;
    taken.add(free);
    names.set(id, free);
  }
  return names;
};

const lockedRegistry = async (deps: CurrentSetDeps, registry: Registry): Promise<LockedRegistry> => {
  const { provider, url, ref, path, folder, lenient, generateIndex, credential, trust } = registry;
  const accepted = await acceptedHead(deps, registry);
  return {
    provider,
    ...(url !== undefined && { url }),
    ...(ref !== undefined && { ref }),
    ...(path !== undefined && { path }),
    ...(folder !== undefined && { folder }),
    ...(lenient && { lenient }),
    ...(generateIndex && { generateIndex }),
    ...(credential && { credential }),
    ...(trust?.fingerprint && { fingerprint: trust.fingerprint }),
    ...(accepted && {
      head: { epoch: accepted.epoch, sequence: accepted.sequence, sha256: accepted.sha256 },
    }),
  };
};

/** Whether a builtin is other than it comes: the owner enabled it, or set something. */
const isChangedBuiltin = ({ enabled, hidden, priority, settings, secrets }: LockedPlugin): boolean =>
  enabled === true ||
  hidden === true ||
  (priority ?? 0) !== 0 ||
  Object.keys({ ...settings, ...secrets }).length > 0;

/** See Lockfiles.export. */
export const exportSet = async (deps: CurrentSetDeps): Promise<Lockfile> => {
  const { registries, plugins } = await readCurrentSet(deps);
  const names = lockNames(registries);
  const lockedRegistries = await Promise.all(
    registries.map(async (one) => [names.get(one.id) ?? one.id, await lockedRegistry(deps, one)] as const),
  );
  const lockedPlugins = [...plugins.values()]
    .filter(({ locked }) => locked.origin !== "builtin" || isChangedBuiltin(locked))
    .map(({ namespace, registry, locked: { origin, ...rest } }) => {
      const name = registry === null ? undefined : names.get(registry);
      return [namespace, { origin, ...(name !== undefined && { registry: name }), ...rest }] as const;
    });
  return {
    lockfile: 1,
    registries: Object.fromEntries(lockedRegistries.sort(([a], [b]) => (a < b ? -1 : 1))),
    plugins: Object.fromEntries(lockedPlugins),
    policies: await readPolicies(deps.documents),
  };
};
