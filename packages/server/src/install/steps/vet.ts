import type { Manifest } from "@hitagi/contract";
import { loadManifest } from "../../plugins/registry/load-plugin.ts";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { Undo } from "../undo.ts";

/**
 * Loads staged code in its runtime's sandbox, where no request reaches it, and reads its manifest. The process stays for the first
 * call. If the operation fails, it ends, unless the same code is active.
 * @throws HitagiError LOAD_FAILED, LOAD_CHECK_FAILED, MANIFEST_INVALID
 */
export const vet = async (
  deps: InstallDeps,
  undo: Undo,
  runtime: Runtime,
  code: PluginCode,
  signal: AbortSignal | undefined,
): Promise<Manifest> => {
  undo.push("the process that checked it", () => {
    if (deps.active.get(code.namespace)?.code.sha256 !== code.sha256) runtime.retire(code);
  });
  const manifest = await loadManifest(runtime, code, signal);
  await deps.onFaultPoint("vetted");
  return manifest;
};
