import { HitagiError, type Manifest } from "@hitagi/contract";
import type { Resolved } from "../../catalog/types.ts";

/**
 * The bytes are those that the registry's keeper published.
 * @throws HitagiError HASH_MISMATCH
 */
export const verifyBytes = (sha256: string, { plugin, version }: Resolved): void => {
  if (sha256 === version.sha256) return;
  throw new HitagiError("HASH_MISMATCH", {
    namespace: plugin.namespace,
    version: version.version,
    expected: version.sha256,
    actual: sha256,
  });
};

/** The error for a plugin that is not what the index says of it, or undefined. */
export const manifestMismatch = (
  manifest: Manifest,
  { plugin, version }: Resolved,
): HitagiError | undefined => {
  const agreements = [
    { field: "namespace", actual: manifest.namespace, expected: plugin.namespace },
    { field: "type", actual: manifest.type, expected: plugin.type },
    { field: "version", actual: manifest.version, expected: version.version },
  ];
  const broken = agreements.find(({ actual, expected }) => actual !== expected);
  return broken && new HitagiError("MANIFEST_MISMATCH", broken);
};

/**
 * The plugin is what the index says of it: one that calls itself otherwise would take another's name, pass for
 * another version, or be listed as another type.
 * @throws HitagiError MANIFEST_MISMATCH
 */
export const verifyManifest = (manifest: Manifest, resolved: Resolved): void => {
  const mismatch = manifestMismatch(manifest, resolved);
  if (mismatch) throw mismatch;
};
