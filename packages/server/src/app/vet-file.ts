import { HitagiError, type Manifest, toNamespace } from "@hitagi/contract";
import type { VetFile } from "../catalog/generate-index.ts";
import type { LoadFile } from "../catalog/read-unadded.ts";
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

/** Loads a file as an install does, and ends the process. */
const load = async (
  runtime: Runtime,
  filename: string,
  source: Buffer,
  signal: AbortSignal | undefined,
): Promise<Manifest> => {
  // A name that no plugin can have, so that `retire` ends only this process.
  const namespace = toNamespace(`${filename} (index)`);
  const code = { namespace, sha256: sha256Of(source), filename, source };
  try {
    return await loadManifest(runtime, code, signal);
  } finally {
    runtime.retire(code);
  }
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
    return load(runtime, filename, source, signal);
  };

/** Loads a file that a lock file names, for a plan that the owner has not agreed to: only in a sandbox. */
export const createLoadFile =
  (runtimes: readonly Runtime[]): LoadFile =>
  async (filename, source, signal) => {
    const runtime = await runtimeForFile(filename, runtimes);
    const { files } = await runtime.confinement();
    const manifest = files === "unconfined" ? undefined : await load(runtime, filename, source, signal);
    return { manifest, runtime: runtime.name };
  };
