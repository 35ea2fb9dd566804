import { toNamespace } from "@hitagi/contract";
import type { VetFile } from "../catalog/generate-index.ts";
import { sha256Of } from "../disk/sha256.ts";
import { runtimeForFile } from "../install/steps/install-target.ts";
import { loadManifest } from "../plugins/registry/load-plugin.ts";
import type { Runtime } from "../runtimes/types.ts";

/** Loads a file in the sandbox of its runtime, as an install would, and ends the process. */
export const createVetFile =
  (runtimes: readonly Runtime[]): VetFile =>
  async (filename, source, signal) => {
    const runtime = await runtimeForFile(filename, runtimes);
    // A name that no plugin can have, so that `retire` ends only this process.
    const code = {
      namespace: toNamespace(`${filename} (index)`),
      sha256: sha256Of(source),
      filename,
      source,
    };
    try {
      return await loadManifest(runtime, code, signal);
    } finally {
      runtime.retire(code);
    }
  };
