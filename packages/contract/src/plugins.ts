import { type Static, Type } from "typebox";
import { ErrorReport } from "./error-report.ts";
import { Manifest, Parameter, ParameterType, ParameterValue, Permissions } from "./manifest.ts";
import type { Namespace } from "./namespace.ts";
import { Left, UpdateChoices } from "./plugin-updates.ts";
import { ofAnyRegistry, RegistryId } from "./registries.ts";
import { PluginType } from "./registry-index.ts";
import { PluginTrust } from "./registry-trust.ts";
import { Epoch, Nullable } from "./scalars.ts";

/** How a plugin was installed. */
export const Origin = Type.Enum(["builtin", "managed", "sideloaded"]);
export type Origin = Static<typeof Origin>;

export const RuntimeName = Type.Enum(["deno", "perl"]);
export type RuntimeName = Static<typeof RuntimeName>;

/** Whether a plugin is isolated from the machine. */
const Kept = Type.Enum(["confined", "unconfined"]);

/**
 * What a plugin can reach beyond its grants; unconfined means everything that the server can reach. A network of `broker`
 * is confined to the granted hosts, by a proxy; a plugin that names no hosts has all public ones.
 */
export const Confinement = Type.Object({
  files: Kept,
  network: Type.Enum(["confined", "broker", "unconfined"]),
  /** What confines it on this machine. */
  walls: Type.Optional(Type.Array(Type.Enum(["deno", "bubblewrap", "seccomp", "prlimit", "setpriv"]))),
  /** Why bubblewrap does not confine it. */
  reason: Type.Optional(Type.String()),
});
export type Confinement = Static<typeof Confinement>;

/** A namespace in a response, without the pattern. */
const AnsweredNamespace = Type.Unsafe<Namespace>(Type.String());

/** What the owner set of a metadata plugin; absent for others. */
const metadataFlags = {
  enabled: Type.Optional(Type.Boolean()),
  hidden: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
};

/** A plugin as LANraragi's clients list it. */
export const ListedPlugin = Type.Object({
  author: Type.String(),
  description: Type.String(),
  icon: Type.String(),
  name: Type.String(),
  namespace: AnsweredNamespace,
  oneshot_arg: Type.String(),
  parameters: Type.Array(
    Type.Object({
      name: Type.String(),
      desc: Type.String(),
      type: ParameterType,
      default_value: Type.Optional(ParameterValue),
    }),
  ),
  type: PluginType,
  version: Type.String(),
  login_from: Type.String(),
  url_regex: Type.String(),
  cooldown: Type.Integer(),
  registry: Nullable(RegistryId),
  sha256: Nullable(Type.String()),
  ...metadataFlags,
});
export type ListedPlugin = Static<typeof ListedPlugin>;

/** A version whose file is kept for a rollback. */
export const KeptVersion = Type.Object({
  version: Type.String(),
  sha256: Type.String(),
  ...ofAnyRegistry,
  /** The time of its last install. */
  installed: Epoch,
  current: Type.Boolean(),
  /** Absent for the installed version, and for versions that were left before this was noted. */
  left: Type.Optional(Left),
});
export type KeptVersion = Static<typeof KeptVersion>;

/** A version to go back to. */
export const ReturnVersion = Type.Object({
  ...KeptVersion.properties,
  /** What a rollback to it has to overcome: the owner's rules, its keeper, or what other plugins need; absent if nothing. */
  against: Type.Optional(ErrorReport),
});
export type ReturnVersion = Static<typeof ReturnVersion>;

/**
 * Why a plugin is quarantined, if it did not fail too often: its file changed, a block list names it, its keeper withdrew it with a new
 * epoch, or yanked it as dangerous.
 */
export const QuarantineCause = Type.Enum(["changed", "blocked", "withdrawn", "yanked"]);
export type QuarantineCause = Static<typeof QuarantineCause>;

/**
 * What to do about a plugin in quarantine.
 * @param cause undefined if it failed too often
 * @param offered the version to install where there is no upgrade, null for none; undefined where an upgrade is not ruled out
 */
export const quarantineRemedy = (
  cause: QuarantineCause | undefined,
  namespace: string,
  offered?: string | null,
): string => {
  const remove = `emove it with \`hitagi uninstall ${namespace}\``;
  const allow = `\`hitagi policy blocks allow ${namespace}\``;
  const older = offered
    ? `Install ${offered} with \`hitagi install ${namespace} --version ${offered}\``
    : undefined;
  const leave = (upgrade: string): string => {
    const away = offered === undefined ? upgrade : older;
    return away === undefined ? `R${remove}` : `${away}, or r${remove}`;
  };
  switch (cause) {
    case "changed":
      return `Look at the file with \`hitagi verify\`. \`hitagi reinstall ${namespace}\` puts the installed version back.`;
    case "blocked":
      return `${leave("Upgrade it if a newer version is not blocked")}. If you know better than the list: ${allow}.`;
    case "yanked":
      return `${leave("Upgrade it")}. If you know better than its keeper: ${allow}.`;
    case "withdrawn":
      return `Its registry no longer has this version. ${leave("Upgrade it")}.`;
    default:
      return `Roll it back with \`hitagi rollback ${namespace}\`, ${offered === undefined ? "upgrade it, " : ""}or install the same version again to try it once more.`;
  }
};

/** Whether a plugin can be called, with the reason if not. */
export const Health = Type.Object({
  state: Type.Enum(["ok", "quarantined", "missing", "broken"]),
  /** Of a quarantine; absent if the plugin failed too often. */
  cause: Type.Optional(QuarantineCause),
  reason: Type.Optional(Type.String()),
  since: Type.Optional(Epoch),
});
export type Health = Static<typeof Health>;

/** A granted path that the plugin cannot be given now. */
export const UnavailableFile = Type.Object({ path: Type.String(), reason: Type.String() });
export type UnavailableFile = Static<typeof UnavailableFile>;

/** The full record of an installed plugin. */
export const InstalledPlugin = Type.Object({
  namespace: AnsweredNamespace,
  type: PluginType,
  name: Type.String(),
  version: Type.String(),
  origin: Origin,
  runtime: RuntimeName,
  confinement: Confinement,
  ...ofAnyRegistry,
  sha256: Nullable(Type.String()),
  /** The file, relative to the plugins folder; null for a builtin. */
  path: Nullable(Type.String()),
  manifest: Manifest,
  granted: Permissions,
  /** Absent if it can be given all its granted files. */
  unavailableFiles: Type.Optional(Type.Array(UnavailableFile)),
  health: Health,
  trust: PluginTrust,
  versions: Type.Array(KeptVersion),
  /** Absent if its owner has decided nothing about its updates. */
  updates: Type.Optional(UpdateChoices),
  ...metadataFlags,
});
export type InstalledPlugin = Static<typeof InstalledPlugin>;

/** One setting with its value; a secret shows only whether it is set. */
export const Setting = Type.Object({
  ...Parameter.properties,
  name: Type.String(),
  value: Type.Optional(ParameterValue),
  /** Whether the owner set it; false for the default. */
  set: Type.Boolean(),
});
export type Setting = Static<typeof Setting>;

/** The comparison of an installed file with its record. */
export const Verified = Type.Object({
  namespace: AnsweredNamespace,
  path: Nullable(Type.String()),
  state: Type.Enum(["ok", "changed", "missing", "unrecorded"]),
  expected: Nullable(Type.String()),
  actual: Nullable(Type.String()),
});
export type Verified = Static<typeof Verified>;

/** One request that a plugin made. */
export const NetworkRecord = Type.Object({
  /** Epoch milliseconds. */
  at: Epoch,
  method: Type.String(),
  /** Without the query and user information. */
  url: Type.String(),
  /** The status, or the code of the refusal. */
  outcome: Type.Union([Type.Integer(), Type.String()]),
  /** Why it was refused or failed. */
  reason: Type.Optional(Type.String()),
  bytes: Type.Integer(),
  ms: Type.Number(),
});
export type NetworkRecord = Static<typeof NetworkRecord>;
