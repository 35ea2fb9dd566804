import { HitagiError, type Manifest } from "@hitagi/contract";
import { isSameVersion } from "../../catalog/seen-versions.ts";
import type { Resolved } from "../../catalog/types.ts";

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

/** The error for a manifest that differs from the index; undefined where they agree. */
export const manifestMismatch = (
  manifest: Manifest,
  { plugin, version, isGenerated }: Resolved,
): HitagiError | undefined => {
  // A generated index adds build metadata to the version of a changed file.
  const isVersion =
    withAllNumbers(manifest.version) === version.version ||
    (isGenerated && isSameVersion(manifest.version, version.version));
  const comparisons = [
    { field: "namespace", actual: manifest.namespace, expected: plugin.namespace },
    { field: "type", actual: manifest.type, expected: plugin.type },
    ...(isVersion ? [] : [{ field: "version", actual: manifest.version, expected: version.version }]),
  ];
  const mismatch = comparisons.find(({ actual, expected }) => actual !== expected);
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
