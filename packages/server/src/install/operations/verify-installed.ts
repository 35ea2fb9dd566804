import type { Verified } from "@hitagi/contract";
import { hashFile } from "../../disk/sha256.ts";
import { listPluginFiles } from "../../plugins/registry/plugin-files.ts";
import type { InstallDeps } from "../deps.ts";

const stateOf = (expected: string, actual: string | undefined): Verified["state"] => {
  if (actual === undefined) return "missing";
  return actual === expected ? "ok" : "changed";
};

/** Compares every installed file with its record, then lists the files that no record names. */
export const verifyInstalled = async (deps: InstallDeps): Promise<Verified[]> => {
  const checked: Verified[] = [];
  const hashOf = (file: string) => hashFile(deps.pluginsFolder, file);
  for (const { namespace, provenance } of await deps.store.plugins.list()) {
    if (!provenance) continue;
    const { path, sha256: expected } = provenance;
    const actual = await hashOf(path);
    checked.push({ namespace, path, state: stateOf(expected, actual), expected, actual: actual ?? null });
  }
  const known = new Set(checked.map(({ path }) => path));
  const files = await listPluginFiles(deps.pluginsFolder);
  for (const path of files.filter((file) => !known.has(file)).sort()) {
    // A file of the owner is active if the start-up scan could load it.
    const namespace = deps.active.list().find((plugin) => plugin.path === path)?.namespace ?? "";
    const actual = (await hashOf(path)) ?? null;
    checked.push({ namespace, path, state: "unrecorded", expected: null, actual });
  }
  return checked;
};
