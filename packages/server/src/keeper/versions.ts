import type { RegistryDetails, RegistryIndex } from "@hitagi/contract";
import { comparePrecedence, parseVersion, type SemanticVersion, withoutBuild } from "../semantic-version.ts";

/** A version that a registry offers, or that its keeper yanked. */
export interface KnownVersion {
  namespace: string;
  version: string;
  sha256: string;
  yanked: boolean;
}

/** Versions by namespace and version. */
export type Versions = ReadonlyMap<string, KnownVersion>;

const keyOf = ({ namespace, version }: Pick<KnownVersion, "namespace" | "version">): string =>
  `${namespace} ${version}`;

export const versionsIn = (list: readonly KnownVersion[]): Versions =>
  new Map(list.map((one) => [keyOf(one), one]));

/** The versions of a registry. One that is offered and yanked is yanked. */
export const versionsOf = (
  index: Pick<RegistryIndex, "plugins">,
  details: Pick<RegistryDetails, "plugins"> | undefined,
): Versions => {
  const offered = Object.values(index.plugins).flatMap(({ namespace, versions }) =>
    Object.values(versions).map(({ version, sha256 }) => ({ namespace, version, sha256, yanked: false })),
  );
  const yanked = Object.entries(details?.plugins ?? {}).flatMap(([namespace, plugin]) =>
    Object.entries(plugin.yanked ?? {}).map(([version, { sha256 }]) => ({
      ...{ namespace, version, sha256, yanked: true },
    })),
  );
  return versionsIn([...offered, ...yanked]);
};

/** The versions of each plugin. */
export const byPlugin = (versions: Iterable<KnownVersion>): Map<string, KnownVersion[]> => {
  const plugins = new Map<string, KnownVersion[]>();
  for (const one of versions) {
    const others = plugins.get(one.namespace);
    if (others) others.push(one);
    else plugins.set(one.namespace, [one]);
  }
  return plugins;
};

/** What was looked up before, so that a registry of 50,000 versions is gone through once. */
interface Lookup {
  ofPlugin: Map<string, KnownVersion[]>;
  /** By namespace and number. */
  ofNumber: Map<string, KnownVersion>;
}
const lookups = new WeakMap<Versions, Lookup>();

/** Build metadata makes no other version (SemVer 2.0.0 §10), and a valid number is written in one way only. */
const numberOf = ({ namespace, version }: Pick<KnownVersion, "namespace" | "version">): string =>
  keyOf({ namespace, version: parseVersion(version) ? withoutBuild(version) : version });

const lookupOf = (versions: Versions): Lookup => {
  const before = lookups.get(versions);
  if (before) return before;
  const ofNumber = new Map<string, KnownVersion>();
  for (const one of versions.values()) if (!ofNumber.has(numberOf(one))) ofNumber.set(numberOf(one), one);
  const lookup = { ofPlugin: byPlugin(versions.values()), ofNumber };
  lookups.set(versions, lookup);
  return lookup;
};

/** Whether two versions have one precedence: build metadata makes no other version (SemVer 2.0.0 §10). */
export const sameVersion = (a: string, b: string): boolean => {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left !== undefined && right !== undefined && comparePrecedence(left, right) === 0;
};

/** The one among these versions that has the number of another one. */
export const findVersion = (
  versions: Versions,
  wanted: Pick<KnownVersion, "namespace" | "version">,
): KnownVersion | undefined =>
  versions.get(keyOf(wanted)) ?? lookupOf(versions).ofNumber.get(numberOf(wanted));

/**
 * The version to publish next of a plugin: above all that these lists have of it, so that an upgrade brings it to everybody.
 * @returns undefined if none has a number of SemVer, or no number is left
 */
export const versionAbove = (namespace: string, ...lists: readonly Versions[]): string | undefined => {
  const highest = lists
    .flatMap((versions) => lookupOf(versions).ofPlugin.get(namespace) ?? [])
    .flatMap(({ version }) => parseVersion(version) ?? [])
    .sort(comparePrecedence)
    .at(-1);
  if (!highest) return undefined;
  const [major = "", minor = "", patch = ""] = highest.core;
  const next = highest.prerelease.length > 0 ? patch : String(BigInt(patch) + 1n);
  return parseVersion(`${major}.${minor}.${next}`)?.raw;
};

/** What became of a version. `changed`: it has other bytes. `restored`: it was yanked, and is offered again. */
export type VersionChange = Omit<KnownVersion, "yanked"> & {
  change: "added" | "yanked" | "removed" | "changed" | "restored";
};

const parsed = (version: string): SemanticVersion | string => parseVersion(version) ?? version;

/** By namespace, then by precedence (SemVer 2.0.0 §11). */
export const compareVersions = (
  a: Pick<KnownVersion, "namespace" | "version">,
  b: Pick<KnownVersion, "namespace" | "version">,
): number => {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  const [left, right] = [parsed(a.version), parsed(b.version)];
  const order = typeof left === "string" || typeof right === "string" ? 0 : comparePrecedence(left, right);
  return order || (a.version < b.version ? -1 : Number(a.version > b.version));
};

const changeOf = (
  before: KnownVersion | undefined,
  after: KnownVersion | undefined,
): VersionChange["change"] | undefined => {
  if (!before) return after?.yanked ? "yanked" : "added";
  if (!after) return "removed";
  if (before.sha256 !== after.sha256) return "changed";
  if (before.yanked === after.yanked) return undefined;
  return after.yanked ? "yanked" : "restored";
};

/** How the versions of a registry changed. */
export const changesBetween = (before: Versions, after: Versions): VersionChange[] =>
  [...new Map([...before, ...after]).values()]
    .flatMap(({ namespace, version, sha256 }) => {
      const key = keyOf({ namespace, version });
      const change = changeOf(before.get(key), after.get(key));
      return change ? [{ namespace, version, sha256, change }] : [];
    })
    .sort(compareVersions);

/** The changes that owners' servers refuse within an epoch. */
export const forbidden = (changes: readonly VersionChange[]): VersionChange[] =>
  changes.filter(({ change }) => change !== "added" && change !== "yanked");
