import { type Static, Type } from "typebox";
import { Manifest, Parameter, ParameterType, ParameterValue, Permissions } from "./manifest.ts";
import { IndexVersion, Namespace, PluginType, Text } from "./registry-index.ts";

/** Seconds since 1970, whole. */
const Epoch = Type.Integer({ minimum: 0 });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(t: T) => Type.Union([t, Type.Null()]);

// --- Registries ---

export const RegistryId = Type.String({ pattern: "^REG_[0-9]{10}$" });

/** The providers whose sources this build has. A new source adds its name here. */
export const Provider = Type.Enum(["github", "gitlab", "gitea", "git", "cdn", "local"]);
export type Provider = Static<typeof Provider>;

/** What a private registry is reached with. Only the kind is ever told, never the secret. */
export const CredentialKind = Type.Enum(["token", "ssh-key"]);
export type CredentialKind = Static<typeof CredentialKind>;

/** How many skipped entries a registry's record lists. */
export const MAX_SKIPPED_LISTED = 100;

/** A plugin, or a version of one, that a lenient refresh left out. */
export const SkippedEntry = Type.Object({
  /** Where its first fault is: a JSON pointer (RFC 6901) into registry.json. */
  path: Type.String(),
  /** What is wrong there, in words. */
  reason: Type.String(),
});
export type SkippedEntry = Static<typeof SkippedEntry>;

/** What a lenient refresh left out; absent where that is nothing. */
export const skippedFields = {
  /** The first of them. */
  skipped: Type.Optional(Type.Array(SkippedEntry, { maxItems: MAX_SKIPPED_LISTED })),
  /** How many there are in all. */
  skippedCount: Type.Optional(Type.Integer({ minimum: 1 })),
};

/** Why a registry could not be read, in the words of the error table. */
export const RefreshFailure = Type.Object({
  code: Type.String(),
  error: Type.String(),
  hint: Type.String(),
  at: Epoch,
});
export type RefreshFailure = Static<typeof RefreshFailure>;

export const Registry = Type.Object({
  id: RegistryId,
  name: Text,
  provider: Provider,
  url: Type.Optional(Type.String()),
  ref: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  /** The folder of registry.json inside a repository; absent where that is the repository's root. */
  folder: Type.Optional(Type.String()),
  created: Epoch,
  updated: Epoch,
  /** When the cached index was last fetched or confirmed; absent before the first refresh. */
  refreshed: Type.Optional(Epoch),
  /** How many plugins the cached index offers. */
  plugins: Type.Optional(Type.Integer()),
  /** Seconds since then, when this was answered. */
  age: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Why the last refresh failed; absent where it did not, or where there was none. */
  failure: Type.Optional(RefreshFailure),
  /** Where registry.json was permanently redirected to at the last refresh; the registry's address should follow. */
  moved: Type.Optional(Type.String()),
  /** What kind of credential it has; absent for none. The secret itself is never answered. */
  credential: Type.Optional(CredentialKind),
  /** True where a refresh skips bad plugins and versions; else absent, and one bad entry refuses the index. */
  lenient: Type.Optional(Type.Boolean()),
  ...skippedFields,
});
export type Registry = Static<typeof Registry>;

/** How the refresh of one registry of several ended. */
export const RefreshOutcome = Type.Object({
  id: RegistryId,
  name: Text,
  /** How many plugins the cached index offers now. */
  plugins: Type.Optional(Type.Integer()),
  /** False where the source said that nothing changed; absent where the refresh failed. */
  changed: Type.Optional(Type.Boolean()),
  ...skippedFields,
  /** Why it failed. */
  code: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
});
export type RefreshOutcome = Static<typeof RefreshOutcome>;

/** What an address turned out to be, before anything of it is stored. */
export const FoundRegistry = Type.Object({
  /** A name for it, and the fields by which it can be added. */
  name: Type.String(),
  provider: Provider,
  url: Type.Optional(Type.String()),
  ref: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  folder: Type.Optional(Type.String()),
  /** Whether its registry.json was read and has no fault. False where nobody was asked. */
  usable: Type.Boolean(),
  /** How many plugins it offers, those without fault. */
  plugins: Type.Optional(Type.Integer()),
  /** The first faults of its registry.json, and how many there are. */
  faults: Type.Optional(Type.Array(SkippedEntry, { maxItems: MAX_SKIPPED_LISTED })),
  faultCount: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Why its registry.json could not be read. */
  failure: Type.Optional(Type.Omit(RefreshFailure, ["at"])),
  /** What credential would help where there is none or it was refused. */
  wants: Type.Optional(CredentialKind),
  /** Where it was permanently redirected to. */
  moved: Type.Optional(Type.String()),
  /** All that was tried, in order, with the code of what each ended in; `OK` where registry.json was there. */
  tried: Type.Array(
    Type.Object({
      provider: Provider,
      url: Type.Optional(Type.String()),
      ref: Type.Optional(Type.String()),
      path: Type.Optional(Type.String()),
      folder: Type.Optional(Type.String()),
      outcome: Type.String(),
    }),
  ),
});
export type FoundRegistry = Static<typeof FoundRegistry>;

// --- Plugins ---

/** Where an installed plugin comes from. */
export const Origin = Type.Enum(["builtin", "managed", "sideloaded"]);
export type Origin = Static<typeof Origin>;

export const RuntimeName = Type.Enum(["deno", "perl"]);
export type RuntimeName = Static<typeof RuntimeName>;

/** Whether something outside of the plugin keeps it from the machine that it runs on. */
const Kept = Type.Enum(["confined", "unconfined"]);

/** What a plugin can reach beside what it was granted: unconfined, whatever the server itself can. */
export const Confinement = Type.Object({
  files: Kept,
  network: Kept,
  /** Why the files are not confined. */
  reason: Type.Optional(Type.String()),
});
export type Confinement = Static<typeof Confinement>;

/** A plugin as LANraragi's clients list it. */
export const ListedPlugin = Type.Object({
  author: Type.String(),
  description: Type.String(),
  icon: Type.String(),
  name: Type.String(),
  namespace: Type.String(),
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
  enabled: Type.Optional(Type.Boolean()),
  hidden: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
});
export type ListedPlugin = Static<typeof ListedPlugin>;

/** A version whose bytes are kept, so that it can be rolled back to. */
export const KeptVersion = Type.Object({
  version: Type.String(),
  sha256: Type.String(),
  registry: Nullable(RegistryId),
  /** When it was installed last. */
  installed: Epoch,
  current: Type.Boolean(),
});
export type KeptVersion = Static<typeof KeptVersion>;

/** Whether a plugin can be called, and if not, why. */
export const Health = Type.Object({
  state: Type.Enum(["ok", "quarantined", "missing", "broken"]),
  reason: Type.Optional(Type.String()),
  since: Type.Optional(Epoch),
});
export type Health = Static<typeof Health>;

/** One installed plugin's full record. */
export const InstalledPlugin = Type.Object({
  namespace: Type.String(),
  type: PluginType,
  name: Type.String(),
  version: Type.String(),
  origin: Origin,
  runtime: RuntimeName,
  confinement: Confinement,
  registry: Nullable(RegistryId),
  sha256: Nullable(Type.String()),
  /** The file, relative to the plugins folder; null for builtins. */
  path: Nullable(Type.String()),
  manifest: Manifest,
  granted: Permissions,
  health: Health,
  versions: Type.Array(KeptVersion),
  enabled: Type.Optional(Type.Boolean()),
  hidden: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
});
export type InstalledPlugin = Static<typeof InstalledPlugin>;

/** A server of those that share one store. */
export const NodeInfo = Type.Object({
  /** Of one run of it. */
  id: Type.String(),
  /** The name of its machine. */
  host: Type.String(),
  /** Where it listens, such as `http://10.0.0.11:3000`; null before it does. */
  address: Type.Union([Type.String(), Type.Null()]),
  /** Its Hitagi's; null for one that does not say. */
  version: Type.Union([Type.String(), Type.Null()]),
  /** Seconds by which its clock is ahead of that of the store, behind where negative. */
  ahead: Type.Integer(),
  started: Epoch,
  /** When the others last heard of it. */
  heard: Epoch,
  /** Whether all that was changed elsewhere is in force there. */
  current: Type.Boolean(),
  /** Whether it is the one that answers. */
  self: Type.Boolean(),
});
export type NodeInfo = Static<typeof NodeInfo>;

/** Seconds that clocks may differ: what a look may take on its way, and what nobody notices. */
const CLOCK_TOLERANCE = 5;

/** Whether the clock of a node should be set. */
export const isClockOff = ({ ahead }: Pick<NodeInfo, "ahead">): boolean => Math.abs(ahead) > CLOCK_TOLERANCE;

/** One plugin that a registry offers. */
export const OfferedPlugin = Type.Object({
  namespace: Namespace,
  type: PluginType,
  registry: RegistryId,
  /** The version that an install without a version takes. */
  version: Type.String(),
  name: Type.String(),
  author: Type.String(),
  description: Type.String(),
  published_at: Type.String(),
  /** How many versions the registry has of it. */
  versions: Type.Integer(),
  /** The version installed here, or null. */
  installed: Nullable(Type.String()),
  /** The version that an upgrade would bring, or null. */
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

/**
 * Names of secrets that are set for the namespace and that this version will not get, because they were entered for a
 * plugin from elsewhere.
 */
export const Withheld = Type.Array(Type.String());

/** What an install would do, and what stands in its way. */
export const InstallPlan = Type.Object({
  namespace: Namespace,
  registry: RegistryId,
  type: PluginType,
  version: Type.String(),
  sha256: Type.String(),
  action: Type.Enum(["install", "upgrade", "downgrade", "reinstall", "replace"]),
  /** The version in place now, or null. */
  installed: Nullable(Type.String()),
  conflicts: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String() })),
  /** Null only where the version could not be loaded; the conflicts say why. */
  permissions: Nullable(
    Type.Object({ asks: Permissions, granted: Permissions, more: Type.Array(Type.String()) }),
  ),
  /** Null where nothing here runs such a file. */
  confinement: Nullable(Confinement),
  withheld: Withheld,
});
export type InstallPlan = Static<typeof InstallPlan>;

/** One setting with its value; a secret shows only whether it is set. */
export const Setting = Type.Object({
  ...Parameter.properties,
  name: Type.String(),
  value: Type.Optional(ParameterValue),
  /** Whether the owner set it, as against the default. */
  set: Type.Boolean(),
});
export type Setting = Static<typeof Setting>;

/** One installed file against its record. */
export const Verified = Type.Object({
  namespace: Type.String(),
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
  /** Without query and user information. */
  url: Type.String(),
  /** Status, or the code of the refusal. */
  outcome: Type.Union([Type.Integer(), Type.String()]),
  bytes: Type.Integer(),
  ms: Type.Number(),
});
export type NetworkRecord = Static<typeof NetworkRecord>;

// --- Archives ---

export const ArchiveId = Type.String({ pattern: "^[0-9a-f]{40}$" });

/** An archive as LANraragi's clients read it. */
export const ArchiveMetadata = Type.Object({
  arcid: ArchiveId,
  title: Type.String(),
  tags: Type.String(),
  summary: Type.String(),
  filename: Type.String(),
  extension: Type.String(),
  isnew: Type.Boolean(),
  pagecount: Type.Integer(),
  progress: Type.Integer(),
  lastreadtime: Type.Integer(),
  size: Type.Integer(),
  toc: Type.Array(Type.Unknown()),
  /** True where the file was looked for and is not there; else absent. */
  missing: Type.Optional(Type.Literal(true)),
});
export type ArchiveMetadata = Static<typeof ArchiveMetadata>;

// --- Jobs ---

export const JobState = Type.Enum(["inactive", "active", "finished", "failed"]);
export type JobState = Static<typeof JobState>;

/** Epoch seconds in a string, as LANraragi's clients demand; null where it has not happened. */
const EpochText = Nullable(Type.String());

export const JobStatus = Type.Object({
  task: Type.String(),
  state: JobState,
  notes: Nullable(Type.Record(Type.String(), Type.String())),
  error: Nullable(Type.String()),
});
export type JobStatus = Static<typeof JobStatus>;

export const JobDetail = Type.Object({
  id: Type.Integer(),
  args: Type.Array(Type.Unknown()),
  attempts: Type.Integer(),
  children: Type.Array(Type.Integer()),
  created: EpochText,
  delayed: EpochText,
  error: Nullable(Type.String()),
  expires: EpochText,
  finished: EpochText,
  lax: Type.Integer(),
  notes: Type.Record(Type.String(), Type.String()),
  parents: Type.Array(Type.Integer()),
  priority: Type.Integer(),
  queue: Type.String(),
  result: Type.Unknown(),
  retried: EpochText,
  retries: Type.Integer(),
  started: EpochText,
  state: JobState,
  task: Type.String(),
  time: EpochText,
  /** LANraragi's clients demand an integer: 1 once a worker took the job up, 0 before. */
  worker: Type.Integer(),
});
export type JobDetail = Static<typeof JobDetail>;
