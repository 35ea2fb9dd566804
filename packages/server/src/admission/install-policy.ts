import {
  HitagiError,
  InstallPolicy,
  type PluginType,
  type Registry,
  type RuntimeName,
} from "@hitagi/contract";
import { documentKind } from "../documents/documents.ts";

/** The hours that automatic updates wait for, until the owner says otherwise. */
const DEFAULT_AGE_HOURS = 24;

/** What may be installed, and when updates take a version. */
export const installPolicy = documentKind(
  "install-policy",
  InstallPolicy,
  {
    age: { hours: DEFAULT_AGE_HOURS, manual: false, plugins: {}, registries: {} },
    registries: null,
    types: null,
    runtimes: null,
    unsigned: true,
    sideloaded: true,
  },
  "installs",
);

type HoursByKey = Readonly<Record<string, number | null>>;

/** A change of the policy; what is absent stays, and hours of null are removed. */
export type InstallPolicyChange = Partial<Omit<InstallPolicy, "age">> & {
  age?: { hours?: number; manual?: boolean; plugins?: HoursByKey; registries?: HoursByKey } | undefined;
};

const changedHours = (hours: Record<string, number>, change: HoursByKey = {}): Record<string, number> => {
  const changed = new Map(Object.entries(hours));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) changed.delete(key);
    else changed.set(key, value);
  }
  return Object.fromEntries([...changed].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** The policy after a change. */
export const changedPolicy = (
  { age, ...policy }: InstallPolicy,
  { age: change = {}, ...rules }: InstallPolicyChange,
): InstallPolicy => {
  const given = Object.entries(rules).filter(([, value]) => value !== undefined);
  return {
    ...policy,
    ...Object.fromEntries(given),
    age: {
      hours: change.hours ?? age.hours,
      manual: change.manual ?? age.manual,
      plugins: changedHours(age.plugins, change.plugins),
      registries: changedHours(age.registries, change.registries),
    },
  };
};

/** A plugin that the owner's rules are asked about. */
export interface Candidate {
  namespace: string;
  version: string;
  sha256: string;
  type: PluginType;
  /** Undefined where no runtime here runs its file. */
  runtime: RuntimeName | undefined;
  /** Null for a plugin from a file. */
  registry: string | null;
}

/** What the rules ask of a registry. */
export type KnownRegistry = Pick<Registry, "name" | "url" | "trust">;

/** Whether this server has accepted a signed head of a registry. */
export const isSigned = (registry: KnownRegistry | undefined): boolean =>
  ["signed", "provisional"].includes(registry?.trust?.state ?? "unsigned");

/** Why the policy does not allow a plugin, in the order of its rules. @param known its registry; undefined where that is gone */
export const policyRefusals = (
  { registries, types, runtimes, unsigned, sideloaded }: InstallPolicy,
  { namespace, type, runtime, registry }: Candidate,
  known: KnownRegistry | undefined,
): HitagiError[] => {
  const refusals: HitagiError[] = [];
  if (registry === null && !sideloaded) refusals.push(new HitagiError("SIDELOAD_NOT_ALLOWED", { namespace }));
  if (registry !== null && registries && !registries.includes(registry))
    refusals.push(new HitagiError("REGISTRY_NOT_ALLOWED", { namespace, registry: known?.name ?? registry }));
  if (registry !== null && !unsigned && !isSigned(known))
    refusals.push(new HitagiError("UNSIGNED_NOT_ALLOWED", { namespace }));
  if (types && !types.includes(type)) refusals.push(new HitagiError("TYPE_NOT_ALLOWED", { namespace, type }));
  if (runtimes && runtime !== undefined && !runtimes.includes(runtime))
    refusals.push(new HitagiError("RUNTIME_NOT_ALLOWED", { namespace, runtime }));
  return refusals;
};
