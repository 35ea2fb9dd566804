import path from "node:path";
import { isInstallPlace } from "./artifact-place.ts";
import type { InstallDeps } from "./deps.ts";
import { hashFile, restoreFile } from "./place-file.ts";

/**
 * Puts back the files of recorded plugins that are not there, from their kept bytes: on a machine that takes another's place
 * there is none. One whose bytes nobody kept is left to the scan, and files that are there are not touched.
 */
export const restoreMissing = async (deps: InstallDeps): Promise<void> => {
  for (const { namespace, provenance } of await deps.store.plugins.list()) {
    if (!provenance || !isInstallPlace(provenance.path)) continue;
    if ((await hashFile(deps.pluginsFolder, provenance.path)) !== undefined) continue;
    const bytes = await deps.artifacts.read(provenance.sha256);
    if (!bytes) continue;
    await restoreFile(deps.stagingFolder, path.join(deps.pluginsFolder, provenance.path), bytes);
    deps.log.info(
      { namespace, version: provenance.version },
      "a plugin's file that was missing was put back",
    );
  }
};
