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

/** What a request out of a registry grants; one that says nothing grants what the server is set to. */
export const choiceOf = ({ grants }: Pick<InstallDeps, "grants">, grant: Grant | undefined): GrantChoice => {
  if (typeof grant === "object") return grant;
  return grant ? "all" : grants;
};

/** Decides the grants of a version whose manifest is known, against those of the version in place. */
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

/**
 * What is wrong with a grant, or undefined: it names what the version does not ask for, or leaves open what nobody has
 * decided on.
 */
export const grantFault = (
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
  const fault = grantFault(current, manifest.version, decision, choice);
  if (fault) throw fault;
  return decision.granted;
};
