import { type Grant, HitagiError, type Manifest, type Permissions, type RuntimeName } from "@hitagi/contract";
import {
  decideGrant,
  decideOpenGrant,
  difference,
  type GrantChoice,
  type GrantDecision,
  hasOpenNetwork,
  permissionNames,
  withFiles,
  withoutHosts,
} from "../../runtimes/broker/grants.ts";
import { runtimeFor } from "../../runtimes/runtimes.ts";
import type { InstallDeps } from "../deps.ts";
import { type CurrentState, installedManifest } from "./current-state.ts";

/** What an install request grants; the server's setting by default. */
export const choiceOf = (
  { grants }: Pick<InstallDeps, "grants">,
  grant: Grant | undefined,
  asksFirst = false,
): GrantChoice => {
  if (typeof grant === "object") return grant;
  if (grant) return "all";
  return asksFirst ? "ask" : grants;
};

/** A version with a known manifest, the runtime of its file, and its registry; null if it is sideloaded. */
export interface GrantedVersion {
  manifest: Manifest;
  runtime: RuntimeName;
  registry: string | null;
}

const hadOpenNetwork = (
  { runtimes }: Pick<InstallDeps, "runtimes">,
  { installed }: CurrentState,
  manifest: Manifest | undefined,
): boolean => {
  const runtime = installed && runtimeFor(runtimes, installed.path)?.name;
  return runtime !== undefined && manifest !== undefined && hasOpenNetwork({ runtime, manifest });
};

/**
 * Decides what a version with a known manifest is granted, compared with the installed version. Granted files stay, unless the
 * version is from another source.
 */
export const grantsFor = async (
  deps: InstallDeps,
  current: CurrentState,
  version: GrantedVersion,
  choice: GrantChoice,
): Promise<GrantDecision> => {
  const granted = current.record?.provenance ? current.record.granted : current.active?.granted;
  const before = await installedManifest(deps, current);
  const earlier = current.installed &&
    granted && {
      requested: before?.permissions ?? granted,
      granted,
      open: hadOpenNetwork(deps, current, before),
    };
  const decide = hasOpenNetwork(version) ? decideOpenGrant : decideGrant;
  const decision = decide(version.manifest.permissions ?? {}, earlier, choice);
  const files = current.registry === version.registry ? granted?.files : undefined;
  return { ...decision, granted: withFiles(decision.granted, files) };
};

/** The error of a grant that names permissions that the version does not ask for, or leaves new ones undecided. */
export const grantError = (
  { namespace, installed }: CurrentState,
  { manifest: { version, ...manifest }, runtime }: Pick<GrantedVersion, "manifest" | "runtime">,
  { asks, more }: GrantDecision,
  choice: GrantChoice,
): HitagiError | undefined => {
  const decided =
    typeof choice === "object" && hasOpenNetwork({ runtime, manifest }) ? withoutHosts(choice) : choice;
  const notAsked = typeof decided === "object" ? permissionNames(difference(decided, asks)) : [];
  if (notAsked.length > 0) {
    return new HitagiError("PERMISSION_NOT_ASKED", { namespace, permissions: notAsked.join(", ") });
  }
  if (more.length === 0 || choice === "all") return undefined;
  const code = installed ? "PERMISSION_NEEDED" : "GRANT_NEEDED";
  return new HitagiError(code, { namespace, version, permissions: more.join(", ") });
};

/** What a vetted version is granted. @throws HitagiError PERMISSION_NEEDED, GRANT_NEEDED, PERMISSION_NOT_ASKED */
export const grant = async (
  deps: InstallDeps,
  current: CurrentState,
  version: GrantedVersion,
  choice: GrantChoice,
): Promise<Permissions> => {
  const decision = await grantsFor(deps, current, version, choice);
  const error = grantError(current, version, decision, choice);
  if (error) throw error;
  return decision.granted;
};
