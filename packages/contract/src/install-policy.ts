import { type Static, Type } from "typebox";
import { RuntimeName } from "./plugins.ts";
import { RegistryId } from "./registries.ts";
import { PluginType } from "./registry-index.ts";
import { Nullable } from "./scalars.ts";

/** Hours that a version is known to the server; at most a year. */
export const AgeHours = Type.Integer({ minimum: 0, maximum: 8760 });

/** How long a version must have been known to the server before an update takes it. */
export const MinimumAge = Type.Object({
  hours: AgeHours,
  /** Whether upgrades and installs that the owner starts wait too, unless they name the version. */
  manual: Type.Boolean(),
  /** Other hours by namespace; they count before those of a registry. */
  plugins: Type.Record(Type.String(), AgeHours),
  /** Other hours by the id of a registry. */
  registries: Type.Record(Type.String(), AgeHours),
});

/** The owner's rules for what may be installed. Null allows all. */
export const InstallPolicy = Type.Object({
  age: MinimumAge,
  /** The ids of the registries that plugins may come from. */
  registries: Nullable(Type.Array(RegistryId)),
  types: Nullable(Type.Array(PluginType)),
  runtimes: Nullable(Type.Array(RuntimeName)),
  /** Whether plugins may come from registries without a signed head. */
  unsigned: Type.Boolean(),
  /** Whether plugins may be installed from files. */
  sideloaded: Type.Boolean(),
});
export type InstallPolicy = Static<typeof InstallPolicy>;

/** A plugin or registry with a minimum age of its own. */
export const AgeException = Type.Object({
  kind: Type.Enum(["plugin", "registry"]),
  /** The namespace, or the id of the registry. */
  id: Type.String(),
  /** The registry's name; of a plugin its namespace. */
  name: Type.String(),
  hours: AgeHours,
});
export type AgeException = Static<typeof AgeException>;

/** The minimum age as the API shows it. */
export const ShownMinimumAge = Type.Object({
  hours: AgeHours,
  manual: Type.Boolean(),
  /** Plugins and registries with hours of their own. */
  exceptions: Type.Array(AgeException),
});

/** A registry by its id and name. */
export const NamedRegistry = Type.Object({ id: RegistryId, name: Type.String() });
