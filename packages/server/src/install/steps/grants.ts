import { type Grant, HitagiError, type Manifest, type Permissions } from "@hitagi/contract";
import {
  decideGrant,
  difference,
  type GrantChoice,
  type GrantDecision,
  permissionNames,
} from "../../runtimes/broker/grants.ts";
import type { InstallDeps } from "../deps.ts";
import { type CurrentState, installedManifest } from "./current-state.ts";

/** What an install request grants; the server's setting by default. */
export const choiceOf = ({ grants }: Pick<InstallDeps, "grants">, grant: Grant | undefined): GrantChoice => {
  if (typeof grant === "object") return grant;
  return grant ? "all" : grants;
};

/** Decides what a version with a known manifest is granted, compared with the installed version. */
export const grantsFor = async (
  deps: InstallDeps,
  current: CurrentState,
  manifest: Manifest,
  choice: GrantChoice,
): Promise<GrantDecision> => {
  const granted = current.record?.provenance ? current.record.granted : current.active?.granted;
  const before = await installedManifest(deps, current);
  const earlier = current.installed && granted && { requested: before?.permissions ?? granted, granted };
  return decideGrant(manifest.permissions ?? {}, earlier, choice);
};

/** The error of a grant that names permissions that the version does not ask for, or leaves new ones undecided. */
export const grantError = (
  { namespace, installed }: CurrentState,
  version: string,
  { asks, more }: GrantDecision,
  choice: GrantChoice,
): HitagiError | undefined => {
  const notAsked = typeof choice === "object" ? permissionNames(difference(choice, asks)) : [];
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
  manifest: Manifest,
  choice: GrantChoice,
): Promise<Permissions> => {
  const decision = await grantsFor(deps, current, manifest, choice);
  const error = grantError(current, manifest.version, decision, choice);
  if (error) throw error;
  return decision.granted;
};
