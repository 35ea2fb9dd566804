import { type Static, Type } from "typebox";
import { Permissions, RequestedPermissions } from "./manifest.ts";
import { Namespace } from "./namespace.ts";
import { Confinement } from "./plugins.ts";
import { RegistryId } from "./registries.ts";
import { IndexVersion, PluginType } from "./registry-index.ts";
import { Nullable } from "./scalars.ts";

/** One plugin that a registry offers. */
export const OfferedPlugin = Type.Object({
  namespace: Namespace,
  type: PluginType,
  registry: RegistryId,
  /** The version that an install without `version` selects. */
  version: Type.String(),
  name: Type.String(),
  author: Type.String(),
  description: Type.String(),
  published_at: Type.String(),
  /** The number of its versions in the registry. */
  versions: Type.Integer(),
  /** The installed version, or null. */
  installed: Nullable(Type.String()),
  /** The version that an upgrade would install, or null. */
  update: Nullable(Type.String()),
});
export type OfferedPlugin = Static<typeof OfferedPlugin>;

/** One registry's entry of a plugin, with every version, newest first. */
export const OfferedDetail = Type.Object({
  registry: RegistryId,
  namespace: Namespace,
  type: PluginType,
  versions: Type.Array(IndexVersion),
});
export type OfferedDetail = Static<typeof OfferedDetail>;

/** An update that can be installed. */
export const Update = Type.Object({
  namespace: Namespace,
  registry: RegistryId,
  installed: Type.String(),
  update: Type.String(),
});
export type Update = Static<typeof Update>;

/** An installed version that its registry no longer offers. */
export const Withdrawn = Type.Object({
  namespace: Namespace,
  registry: RegistryId,
  installed: Type.String(),
  /** The version that an install would take now; null if the registry no longer offers the plugin. */
  offered: Nullable(Type.String()),
});
export type Withdrawn = Static<typeof Withdrawn>;

/** Says that an installed version is no longer offered, and with which command its owner leaves it. */
export const describeWithdrawn = ({
  namespace,
  installed,
  offered,
}: Withdrawn): { text: string; hint: string } => ({
  text: `installed ${installed} is no longer offered`,
  hint:
    offered === null
      ? `Its registry no longer offers the plugin. Ask its keeper, or remove it with \`hitagi uninstall ${namespace}\`.`
      : `\`hitagi install ${namespace} --version ${offered}\` installs the highest version that is.`,
});

/** Names of secrets of the namespace that this version will not receive, because they belong to a plugin from another source. */
export const Withheld = Type.Array(Type.String());

/** The plan of an install, and its conflicts. */
export const InstallPlan = Type.Object({
  namespace: Namespace,
  registry: RegistryId,
  type: PluginType,
  version: Type.String(),
  sha256: Type.String(),
  action: Type.Enum(["install", "upgrade", "downgrade", "reinstall", "replace"]),
  /** The installed version, or null. */
  installed: Nullable(Type.String()),
  conflicts: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() })),
  /** Null if the version could not be loaded; the conflicts say why. */
  permissions: Nullable(
    Type.Object({ asks: RequestedPermissions, granted: Permissions, more: Type.Array(Type.String()) }),
  ),
  /** Packages of other Perl plugins whose functions it calls. */
  uses: Type.Array(Type.String()),
  /** Null if no runtime here runs such a file. */
  confinement: Nullable(Confinement),
  withheld: Withheld,
});
export type InstallPlan = Static<typeof InstallPlan>;
