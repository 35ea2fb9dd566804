import { HitagiError, toNamespace } from "@hitagi/contract";
import type { VetFile } from "../catalog/generate-index.ts";
import { sha256Of } from "../disk/sha256.ts";
import { runtimeForFile } from "../install/steps/install-target.ts";
import { loadManifest } from "../plugins/registry/load-plugin.ts";
import type { Runtime } from "../runtimes/types.ts";

/** @throws HitagiError RUNTIME_UNAVAILABLE */
const assertConfined = async (runtime: Runtime, file: string): Promise<void> => {
  const { files } = await runtime.confinement();
  if (files !== "unconfined") return;
  const reason = `nothing confines ${runtime.name} here (bubblewrap does), so no file is loaded that was not chosen for an install`;
  throw new HitagiError("RUNTIME_UNAVAILABLE", { file, reason });
};

/**
 * Loads a file in the sandbox of its runtime, as an install would, and ends the process. Where there is no sandbox the file
 * could do anything, and a refresh does not ask the owner, so it is not loaded.
 */
export const createVetFile =
  (runtimes: readonly Runtime[]): VetFile =>
  async (filename, source, signal) => {
    const runtime = await runtimeForFile(filename, runtimes);
    await assertConfined(runtime, filename);
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
