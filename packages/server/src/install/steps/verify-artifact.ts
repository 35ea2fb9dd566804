import { isDeepStrictEqual } from "node:util";
import { HitagiError, libraryRights, type Manifest, type RequestedPermissions } from "@hitagi/contract";
import { isSameVersion } from "../../catalog/seen-versions.ts";
import type { Resolved } from "../../catalog/types.ts";

/** What a registry says of a version. */
type OfferedVersion = Pick<Resolved, "plugin" | "version" | "isGenerated" | "details">;

/** Checks the bytes against the hash of the index. @throws HitagiError HASH_MISMATCH */
export const verifyBytes = (sha256: string, { plugin, version }: Resolved): void => {
  if (sha256 === version.sha256) return;
  throw new HitagiError("HASH_MISMATCH", {
    namespace: plugin.namespace,
    version: version.version,
    expected: version.sha256,
    actual: sha256,
  });
};

/** A version with all three numbers: a file for LANraragi may say 2.5 where its index says 2.5.0. */
const withAllNumbers = (version: string): string =>
  /^\d+(?:\.\d+)?$/.test(version) ? [...version.split("."), "0", "0"].slice(0, 3).join(".") : version;

/** Permissions in a form in which those that allow the same are equal. */
const normal = ({ net = [], library, files }: RequestedPermissions) => ({
  net: [...new Set(net.map((host) => host.toLowerCase()))].sort(),
  library: [...libraryRights(library)].sort(),
  files,
});

/** What a manifest asks for that the details of its version do not say, or say otherwise. */
const permissionMismatch = (
  { permissions = {} }: Manifest,
  { version: { version }, details }: OfferedVersion,
): { field: string; actual: string; expected: string } | undefined => {
  const said = details?.versions?.[version]?.permissions;
  if (said === undefined || isDeepStrictEqual(normal(said), normal(permissions))) return undefined;
  return { field: "permissions", actual: JSON.stringify(permissions), expected: JSON.stringify(said) };
};

/** The error for a manifest that differs from the index, or from the details; undefined where they agree. */
export const manifestMismatch = (manifest: Manifest, resolved: OfferedVersion): HitagiError | undefined => {
  const { plugin, version, isGenerated } = resolved;
  // A generated index adds build metadata to the version of a changed file.
  const isVersion =
    withAllNumbers(manifest.version) === version.version ||
    (isGenerated && isSameVersion(manifest.version, version.version));
  const comparisons = [
    { field: "namespace", actual: manifest.namespace, expected: plugin.namespace },
    { field: "type", actual: manifest.type, expected: plugin.type },
    ...(isVersion ? [] : [{ field: "version", actual: manifest.version, expected: version.version }]),
  ];
  const mismatch =
    comparisons.find(({ actual, expected }) => actual !== expected) ?? permissionMismatch(manifest, resolved);
  return mismatch && new HitagiError("MANIFEST_MISMATCH", mismatch);
};

/**
 * Checks the manifest against the index, so that a plugin cannot take another's namespace, version or type.
 * @throws HitagiError MANIFEST_MISMATCH
 */
export const verifyManifest = (manifest: Manifest, resolved: Resolved): void => {
  const mismatch = manifestMismatch(manifest, resolved);
  if (mismatch) throw mismatch;
};
