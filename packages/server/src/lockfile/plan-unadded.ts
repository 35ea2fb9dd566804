import {
  HitagiError,
  type InstallPlan,
  type LockedHead,
  type LockedPlugin,
  type Namespace,
  type Registry,
} from "@hitagi/contract";
import { fingerprintOf } from "@hitagi/trust";
import type { Admission } from "../admission/types.ts";
import { versionNotFound } from "../catalog/catalog.ts";
import type { UnaddedRegistry } from "../catalog/read-unadded.ts";
import { reportOf } from "../install/steps/plan.ts";
import { headConflict, type MatchedRegistry } from "./locked-registries.ts";

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
  // It has no id yet; commands take a name too.
  const here = { id: name, name };
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

/** What is against a plugin of a registry that is to be added, as far as its index and details say it. */
export const planUnadded = async (
  { admission }: { admission: Pick<Admission, "judge"> },
  match: MatchedRegistry,
  registry: UnaddedRegistry,
  namespace: Namespace,
  { version = "", sha256 = "" }: LockedPlugin,
): Promise<Pick<InstallPlan, "conflicts" | "warnings">> => {
  const { name } = match;
  const [plugin, details] = [registry.plugins.get(namespace), registry.details.get(namespace)];
  const refuse = (error: HitagiError) => ({ conflicts: [reportOf(error)], warnings: [] });
  if (!plugin) return refuse(new HitagiError("PLUGIN_NOT_IN_REGISTRY", { namespace, registry: name, name }));
  const offered = Object.hasOwn(plugin.versions, version) ? plugin.versions[version] : undefined;
  if (!offered) return refuse(versionNotFound(namespace, version, details));
  const hashes = { locked: sha256, found: offered.sha256 };
  const differs = offered.sha256 !== sha256;
  const candidate = { namespace, version, sha256: offered.sha256, type: plugin.type };
  const { refusals, warnings } = await admission.judge(
    { ...candidate, runtime: undefined, registry: name },
    knownAs(match, registry),
  );
  const yank = Object.hasOwn(details?.yanked ?? {}, version) ? details?.yanked?.[version] : undefined;
  const said = yank && { namespace, version, at: yank.at.slice(0, 10), reason: yank.reason };
  return {
    conflicts: [
      ...(differs ? [new HitagiError("LOCK_HASH_DIFFERS", { namespace, version, ...hashes })] : []),
      ...(said && yank.dangerous ? [new HitagiError("VERSION_DANGEROUS", said)] : []),
      ...refusals,
    ].map(reportOf),
    warnings: [
      ...(said && !yank.dangerous ? [new HitagiError("VERSION_YANKED", said)] : []),
      ...warnings,
    ].map(reportOf),
  };
};
