import {
  HitagiError,
  type IndexVersion,
  type InstallPlan,
  type LockedHead,
  type LockedPlugin,
  type Namespace,
  type Registry,
} from "@hitagi/contract";
import { fingerprintOf } from "@hitagi/trust";
import type { Admission } from "../admission/types.ts";
import { versionNotFound } from "../catalog/catalog.ts";
import { type UnaddedRegistry, unaddedName } from "../catalog/read-unadded.ts";
import { reportOf } from "../install/steps/plan.ts";
import { manifestMismatch } from "../install/steps/verify-artifact.ts";
import { headConflict, type MatchedRegistry } from "./locked-registries.ts";
import { conflictOf, keptConflicts } from "./plan-notes.ts";

/** A registry that is to be added, as the owner's rules know it before. */
const knownAs = ({ name, locked }: MatchedRegistry, { head }: UnaddedRegistry) => ({
  name,
  ...(locked.url !== undefined && { url: locked.url }),
  trust: { state: head ? ("signed" as const) : ("unsigned" as const) } as NonNullable<Registry["trust"]>,
});

/** Why a registry that is to be added is not the one of the lock file, or is older. */
export const unaddedConflict = (
  { name, locked: { fingerprint, head: locked } }: MatchedRegistry,
  { head }: UnaddedRegistry,
): HitagiError | undefined => {
  const here = unaddedName(name);
  if (fingerprint !== undefined && head === undefined)
    return new HitagiError("SIGNATURE_MISSING", { ...here, reason: "the lock file names a key" });
  const found = head && fingerprintOf(head.recovery).hex;
  if (fingerprint !== undefined && found !== fingerprint) {
    const reason = `its fingerprint is ${found}, and the lock file has ${fingerprint}`;
    return new HitagiError("RECOVERY_KEY_CHANGED", { ...here, reason });
  }
  const shown: (LockedHead & { previous: VerifiedPrevious }) | undefined = head;
  return locked && headConflict(name, here, locked, shown);
};

type VerifiedPrevious = readonly { sequence: number; sha256: string }[];

/** The file of a version as it is loaded, or why it is not. */
const tryToLoad = async (
  { load }: UnaddedRegistry,
  namespace: Namespace,
  version: IndexVersion,
  signal: AbortSignal | undefined,
): Promise<Partial<Awaited<ReturnType<UnaddedRegistry["load"]>>> & { error?: HitagiError }> => {
  try {
    return await load(namespace, version, signal);
  } catch (error) {
    return { error: conflictOf(error) };
  }
};

/** What is against a plugin of a registry that is to be added. Its file is loaded if it is the locked one. */
export const planUnadded = async (
  { admission }: { admission: Pick<Admission, "judge"> },
  match: MatchedRegistry,
  registry: UnaddedRegistry,
  namespace: Namespace,
  wanted: LockedPlugin,
  signal: AbortSignal | undefined,
): Promise<Pick<InstallPlan, "conflicts" | "warnings">> => {
  const { id, name } = unaddedName(match.name);
  const { version = "", sha256 = "" } = wanted;
  const [plugin, details] = [registry.plugins.get(namespace), registry.details.get(namespace)];
  const refuse = (error: HitagiError) => ({ conflicts: [reportOf(error)], warnings: [] });
  if (!plugin) return refuse(new HitagiError("PLUGIN_NOT_IN_REGISTRY", { namespace, registry: id, name }));
  const offered = Object.hasOwn(plugin.versions, version) ? plugin.versions[version] : undefined;
  if (!offered) return refuse(versionNotFound(namespace, version, details));
  const hashes = { locked: sha256, found: offered.sha256 };
  const differs = offered.sha256 !== sha256;
  const { manifest, runtime, error } = differs ? {} : await tryToLoad(registry, namespace, offered, signal);
  const candidate = { namespace, version, sha256: offered.sha256, type: plugin.type, runtime };
  const { refusals, warnings } = await admission.judge(
    { ...candidate, registry: match.name },
    knownAs(match, registry),
  );
  const yank = Object.hasOwn(details?.yanked ?? {}, version) ? details?.yanked?.[version] : undefined;
  const said = yank && { namespace, version, at: yank.at.slice(0, 10), reason: yank.reason };
  const isGenerated = match.locked.generateIndex ?? false;
  const mismatch = manifest && manifestMismatch(manifest, { plugin, version: offered, isGenerated, details });
  const against = [
    differs && new HitagiError("LOCK_HASH_DIFFERS", { namespace, version, ...hashes }),
    said && yank.dangerous && new HitagiError("VERSION_DANGEROUS", said),
    ...refusals,
    error,
    mismatch,
  ];
  return {
    conflicts: [
      ...against.flatMap((one) => (one ? [reportOf(one)] : [])),
      ...keptConflicts(namespace, wanted, { manifest, runtime, conflicts: [] }),
    ],
    warnings: [
      ...(said && !yank.dangerous ? [new HitagiError("VERSION_YANKED", said)] : []),
      ...warnings,
    ].map(reportOf),
  };
};
