import { type Static, Type } from "typebox";
import { ChainConditions } from "./chain.ts";
import { ErrorReport } from "./error-report.ts";
import { ParameterName, ParameterValue, Permissions } from "./manifest.ts";
import { Note } from "./plugin-updates.ts";
import { Origin } from "./plugins.ts";
import { FieldPolicyRule } from "./policy.ts";
import { CredentialKind, Provider, RegistryId } from "./registries.ts";
import { Text } from "./registry-index.ts";
import { Fingerprint } from "./registry-trust.ts";
import { Nullable } from "./scalars.ts";

const closed = { additionalProperties: false } as const;

/** The name that a lock file has by default. */
export const LOCKFILE = "hitagi.lock";

/** The most registries, and the most plugins, of a lock file. */
const MAX_REGISTRIES = 1000;
const MAX_PLUGINS = 10_000;

const Count = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Address = Type.Optional(Type.String({ maxLength: 4096 }));

/** The head that was accepted where the lock file was made (docs/spec-head.md). */
export const LockedHead = Type.Object({ epoch: Count, sequence: Count, sha256: Sha256 }, closed);
export type LockedHead = Static<typeof LockedHead>;

/** A registry in a lock file, without its secrets. */
export const LockedRegistry = Type.Object(
  {
    provider: Provider,
    ...{ url: Address, ref: Address, path: Address, folder: Address },
    lenient: Type.Optional(Type.Boolean()),
    generateIndex: Type.Optional(Type.Boolean()),
    /** The kind of credential that it was read with. */
    credential: Type.Optional(CredentialKind),
    /** Of the recovery key that it is pinned to; absent if it is not signed. */
    fingerprint: Type.Optional(Fingerprint),
    /** Absent until one is accepted. */
    head: Type.Optional(LockedHead),
  },
  closed,
);
export type LockedRegistry = Static<typeof LockedRegistry>;

/** A plugin in a lock file: all of it is how the plugin is to be, and what is absent is not set. */
export const LockedPlugin = Type.Object(
  {
    origin: Origin,
    /** Its registry's name in the lock file; absent if it is of none, or of one that is gone. */
    registry: Type.Optional(Text),
    /** Absent for a builtin, which is a part of the program. */
    version: Type.Optional(Text),
    sha256: Type.Optional(Sha256),
    granted: Permissions,
    /** Of metadata plugins. */
    enabled: Type.Optional(Type.Boolean()),
    hidden: Type.Optional(Type.Boolean()),
    priority: Type.Optional(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 })),
    /** When it runs in the chain, and whether the chain ends after it; absent if always, and not. Its place is `priority`. */
    chain: Type.Optional(Type.Object({ when: ChainConditions, ends_on_hit: Type.Boolean() }, closed)),
    /** Whether its updates install themselves. */
    automatic: Type.Optional(Type.Boolean()),
    hold: Type.Optional(Type.Object({ at: Text, note: Type.Optional(Note) }, closed)),
    skipped: Type.Optional(
      Type.Array(
        Type.Object(
          { version: Text, reason: Type.Enum(["skipped", "rolled_back"]), note: Type.Optional(Note) },
          closed,
        ),
        { maxItems: 1000 },
      ),
    ),
    /** The settings that the owner set, without secrets. */
    settings: Type.Record(ParameterName, ParameterValue, { maxProperties: 64, ...closed }),
    /** The names of the secret settings that are set. Their values are never exported. */
    secrets: Type.Optional(Type.Array(ParameterName, { maxItems: 64 })),
  },
  closed,
);
export type LockedPlugin = Static<typeof LockedPlugin>;

/** The owner's rules for what metadata plugins may write: the field policy, and the tag rules without a table. */
export const LockedPolicies = Type.Object(
  {
    fields: Type.Array(FieldPolicyRule, { maxItems: 10_000 }),
    tags: Type.Object({ enabled: Type.Boolean(), text: Type.String({ maxLength: 400_000 }) }, closed),
  },
  closed,
);
export type LockedPolicies = Static<typeof LockedPolicies>;

/**
 * hitagi.lock: the registries and plugins of a server, so that another one can have the same. Keys are sorted, so that two lock files
 * are compared line by line. It holds no secret.
 */
export const Lockfile = Type.Object(
  {
    /** The version of this form. */
    lockfile: Type.Integer({ minimum: 1, maximum: 1 }),
    /** By a name, which is theirs on the server where it was made. */
    registries: Type.Record(Text, LockedRegistry, { maxProperties: MAX_REGISTRIES }),
    plugins: Type.Record(Type.String({ pattern: "^[a-z0-9_-]{1,128}$" }), LockedPlugin, {
      maxProperties: MAX_PLUGINS,
      ...closed,
    }),
    /** Absent in a lock file without rules: those of the server stay. */
    policies: Type.Optional(LockedPolicies),
  },
  { ...closed, description: "The content of hitagi.lock." },
);
export type Lockfile = Static<typeof Lockfile>;

/** A head by its epoch and sequence. */
export const HeadNumber = Type.Object({ epoch: Type.Integer(), sequence: Type.Integer() });

/** A registry of a lock file, as a sync would find or add it. */
export const SyncedRegistry = Type.Object({
  /** Its name in the lock file. */
  name: Type.String(),
  /** Null if it is to be added. */
  id: Nullable(RegistryId),
  address: Type.String(),
  /** The key that it must have; null if the lock file names none. */
  fingerprint: Nullable(Fingerprint),
  /** The head that it must not be below, and the one that this server has accepted. */
  locked: Nullable(HeadNumber),
  accepted: Nullable(HeadNumber),
  conflicts: Type.Array(ErrorReport),
  /** What the owner should know before it is added. */
  warnings: Type.Array(ErrorReport),
});
export type SyncedRegistry = Static<typeof SyncedRegistry>;

/** What a sync changes of a plugin beside its version. */
export const SyncedField = Type.Object({
  field: Type.Enum([
    "granted",
    "enabled",
    "hidden",
    "priority",
    "chain",
    "automatic",
    "hold",
    "skipped",
    "setting",
  ]),
  /** Of a setting. */
  name: Type.Optional(Type.String()),
  /** As JSON; null if it is not set. */
  from: Nullable(Type.String()),
  to: Nullable(Type.String()),
});
export type SyncedField = Static<typeof SyncedField>;

/** A plugin that a sync would change. */
export const SyncedPlugin = Type.Object({
  namespace: Type.String(),
  /** `restore`: its file is kept here. `configure`: its version stays. */
  action: Type.Enum(["install", "upgrade", "downgrade", "replace", "restore", "configure", "remove"]),
  /** The versions before and after; null for none. */
  from: Nullable(Type.String()),
  to: Nullable(Type.String()),
  /** Its registry's name in the lock file; null if it is of none. */
  registry: Nullable(Type.String()),
  fields: Type.Array(SyncedField),
  conflicts: Type.Array(ErrorReport),
  warnings: Type.Array(ErrorReport),
});
export type SyncedPlugin = Static<typeof SyncedPlugin>;

/** Rules that a sync changes, a line for each; those of the field policy in words. */
export const SyncedPolicy = Type.Object({
  policy: Type.Enum(["fields", "tags"]),
  removed: Type.Array(Type.String()),
  added: Type.Array(Type.String()),
});
export type SyncedPolicy = Static<typeof SyncedPolicy>;

/** What a sync would do. One with conflicts does nothing. */
export const SyncPlan = Type.Object({
  registries: Type.Array(SyncedRegistry),
  /** The plugins that change. */
  plugins: Type.Array(SyncedPlugin),
  policies: Type.Array(SyncedPolicy),
  /** The number of plugins that are as the lock file says. */
  same: Type.Integer({ minimum: 0 }),
  /** What is installed and not in the lock file, and stays. */
  left: Type.Array(Type.Object({ namespace: Type.String(), version: Type.String(), origin: Origin })),
  /** The secret settings that were set where the lock file was made, and are not set here. */
  secrets: Type.Array(Type.Object({ namespace: Type.String(), names: Type.Array(Type.String()) })),
  /** Whether all of it is so already. */
  done: Type.Boolean(),
  /** The number of conflicts. */
  conflicts: Type.Integer({ minimum: 0 }),
});
export type SyncPlan = Static<typeof SyncPlan>;

/** A plugin file that a mirror may have. */
export const MirroredFile = Type.Object({
  path: Type.String(),
  sha256: Type.String(),
  namespace: Type.String(),
  version: Type.String(),
});
export type MirroredFile = Static<typeof MirroredFile>;

/** The name of the file by which a mirror tells that it has not all plugin files. */
export const MIRROR_FILE = "registry.mirror.json";

/** What a mirror says of itself in {@link MIRROR_FILE}: which registry it is a copy of. */
export const MirrorMark = Type.Object({
  mirror: Type.Literal(1),
  /** The address of the registry. */
  of: Type.String({ maxLength: 8192 }),
  fingerprint: Type.Optional(Fingerprint),
});
export type MirrorMark = Static<typeof MirrorMark>;
