import path from "node:path";
import type { ErrorReport, HitagiError, Namespace } from "@hitagi/contract";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { StoredVersion } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { lackedBy, requiredByOthers } from "../requirements/installed.ts";
import { reportOf } from "../steps/plan.ts";

/** What the owner's rules and the keeper say against a kept version; undefined where nothing stands against it. */
export const judgeKept = (
  { admission, runtimes }: Pick<InstallDeps, "admission" | "runtimes">,
  namespace: Namespace,
  { version, sha256, type, registry, path: file }: StoredVersion,
): Promise<HitagiError | undefined> => {
  const runtime = runtimeFor(runtimes, path.posix.basename(file))?.name;
  return admission.judgeReturn({ namespace, version, sha256, type, runtime, registry });
};

/** The command that goes back to a kept version. */
export const rollbackCommand = (namespace: Namespace, version: string): string =>
  `hitagi rollback ${namespace} ${version}`;

/** What a kept version needs and does not have; undefined where it lacks nothing, or its manifest is not kept. */
const lackedByKept = async (
  deps: InstallDeps,
  namespace: Namespace,
  { version, sha256, registry }: StoredVersion,
): Promise<HitagiError | undefined> => {
  const manifest = await deps.artifacts.manifest(sha256);
  const command = rollbackCommand(namespace, version);
  return manifest && lackedBy(deps, { namespace, manifest, registry, command });
};

/** See Installer.judgeReturns. */
export const judgeReturns = async (
  deps: InstallDeps,
  namespace: Namespace,
): Promise<ReadonlyMap<string, ErrorReport>> => {
  const against = new Map<string, ErrorReport>();
  for (const kept of await deps.store.plugins.versions(namespace)) {
    const { version, sha256 } = kept;
    const change = { namespace, version, command: rollbackCommand(namespace, version) };
    const error =
      (await judgeKept(deps, namespace, kept)) ??
      (await requiredByOthers(deps, change)) ??
      (await lackedByKept(deps, namespace, kept));
    if (error) against.set(sha256, reportOf(error));
  }
  return against;
};
