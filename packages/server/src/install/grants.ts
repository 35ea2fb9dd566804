import { HitagiError, type Manifest, type Permissions } from "@hitagi/contract";
import { decideGrant, type GrantDecision } from "../runtimes/broker/grants.ts";
import type { InstallDeps } from "./deps.ts";
import { type Standing, standingManifest } from "./standing.ts";

/**
 * Decides the grants of a version whose manifest is known, against those of the version in place.
 * @param accept grant also what nobody has decided on yet
 */
export const grantsFor = async (
  deps: InstallDeps,
  standing: Standing,
  manifest: Manifest,
  accept: boolean,
): Promise<GrantDecision> => {
  const granted = standing.record?.provenance ? standing.record.granted : standing.active?.granted;
  const before = await standingManifest(deps, standing);
  const earlier = standing.placed && granted && { asked: before?.permissions ?? granted, granted };
  return decideGrant(manifest.permissions ?? {}, earlier, accept);
};

/** The error for what a version asks for that nobody has decided on, or undefined. */
export const permissionNeeded = (
  namespace: string,
  version: string,
  { more }: GrantDecision,
  accept: boolean,
): HitagiError | undefined =>
  more.length > 0 && !accept
    ? new HitagiError("PERMISSION_NEEDED", { namespace, version, permissions: more.join(", ") })
    : undefined;

/** What a vetted version is granted. @throws HitagiError PERMISSION_NEEDED */
export const grant = async (
  deps: InstallDeps,
  standing: Standing,
  manifest: Manifest,
  accept: boolean,
): Promise<Permissions> => {
  const decision = await grantsFor(deps, standing, manifest, accept);
  const needed = permissionNeeded(standing.namespace, manifest.version, decision, accept);
  if (needed) throw needed;
  return decision.granted;
};
