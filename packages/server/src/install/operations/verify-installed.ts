import type { Namespace, Verified } from "@hitagi/contract";
import { hashFile } from "../../disk/sha256.ts";
import { listPluginFiles } from "../../plugins/registry/plugin-files.ts";
import type { PluginRecord, Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";

const stateOf = (expected: string, actual: string | undefined): Verified["state"] => {
  if (actual === undefined) return "missing";
  return actual === expected ? "ok" : "changed";
};

const recorded = (records: PluginRecord[]): { namespace: Namespace; provenance: Provenance }[] =>
  records.flatMap(({ namespace, provenance }) => (provenance ? [{ namespace, provenance }] : []));

const againstRecord = async (
  deps: InstallDeps,
  namespace: Namespace,
  { path: file, sha256 }: Provenance,
): Promise<Verified> => {
  const actual = await hashFile(deps.pluginsFolder, file);
  return { namespace, path: file, state: stateOf(sha256, actual), expected: sha256, actual: actual ?? null };
};

/** A file without a record, which the owner put there by hand. It is active if the start-up scan could load it. */
const withoutRecord = async (deps: InstallDeps, file: string): Promise<Verified> => {
  const owner = deps.active.list().find((p) => p.path === file);
  const actual = (await hashFile(deps.pluginsFolder, file)) ?? null;
  return { namespace: owner?.namespace ?? "", path: file, state: "unrecorded", expected: null, actual };
};

/** Compares every installed file with its record, then lists the files that no record names. */
export const verifyInstalled = async (deps: InstallDeps): Promise<Verified[]> => {
  const installed = recorded(await deps.store.plugins.list());
  const known = new Set(installed.map(({ provenance }) => provenance.path));
  const files = await listPluginFiles(deps.pluginsFolder);
  const checked: Verified[] = [];
  for (const { namespace, provenance } of installed) {
    checked.push(await againstRecord(deps, namespace, provenance));
  }
  for (const file of files.filter((f) => !known.has(f)).sort()) checked.push(await withoutRecord(deps, file));
  return checked;
};
