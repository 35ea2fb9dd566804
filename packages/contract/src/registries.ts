import { type Static, Type } from "typebox";
import { ErrorReport } from "./error-report.ts";
import { RegistryTexts } from "./registry-details.ts";
import { Text } from "./registry-index.ts";
import { Fingerprint, RegistryIdentity, RegistryTrust } from "./registry-trust.ts";
import { Epoch, Nullable } from "./scalars.ts";

export const RegistryId = Type.String({
  pattern: "^REG_[0-9]{10}$",
  description: "The id of a registry: `REG_` and ten digits.",
});

/** The registry that a record is of. */
export const ofRegistry = { registry: RegistryId, registryName: Type.String() };

/** The same of a record that may be of none. */
export const ofAnyRegistry = {
  registry: Nullable(RegistryId),
  /** Null where there is no registry, or it was removed. */
  registryName: Nullable(Type.String()),
};

/** Of an answer that has registries by their ids. */
export const registryNames = {
  /** Their names by their ids; of one that was removed, its id. */
  registryNames: Type.Record(Type.String(), Type.String()),
};

/** How a request names a registry. */
export const RegistryReference = Type.String({
  minLength: 1,
  maxLength: 1024,
  format: "registry",
  description: "The id of a registry, or its name in any case where no other registry has that name.",
});

/** The providers of registries. A new source adds its name here. */
export const Provider = Type.Enum(["github", "gitlab", "gitea", "git", "cdn", "local"], {
  description: "How a registry is reached.",
});
export type Provider = Static<typeof Provider>;

/** The kind of a private registry's credential. */
export const CredentialKind = Type.Enum(["token", "password", "ssh-key"]);
export type CredentialKind = Static<typeof CredentialKind>;

/** The credential of a private registry. The secret is never part of a response. */
export interface Credential {
  kind: CredentialKind;
  /** A token, `user:password` (RFC 7617), or the text of a private SSH key. It must appear in no message, log line or process argument. */
  secret: string;
}

/** The settings of a registry. The provider decides which of url, ref, path and folder it has. */
export interface RegistryFields {
  name: string;
  provider: Provider;
  url?: string | undefined;
  ref?: string | undefined;
  path?: string | undefined;
  /** The folder of registry.json inside a repository. */
  folder?: string | undefined;
  /** Whether a refresh skips invalid entries; absent means false. */
  lenient?: boolean | undefined;
  /** Whether its index is generated from the plugin files of a repository or folder that has no registry.json. */
  generateIndex?: boolean | undefined;
}

/** The most skipped entries in a registry's record. */
export const MAX_SKIPPED_LISTED = 100;

/** A plugin or version that a lenient refresh skipped or corrected, or a plugin file that a generated index does not have. */
export const SkippedEntry = Type.Object({
  /** The position of its first error: a JSON pointer (RFC 6901) into registry.json; of a generated index the file. */
  path: Type.String(),
  /** The error. */
  reason: Type.String(),
  /** True if the entry is offered all the same, corrected as the reason says. */
  offered: Type.Optional(Type.Boolean()),
});
export type SkippedEntry = Static<typeof SkippedEntry>;

/** The entries that a lenient refresh skipped, and the files that a generated index does not have; absent if there are none. */
export const skippedFields = {
  /** The first entries. */
  skipped: Type.Optional(Type.Array(SkippedEntry, { maxItems: MAX_SKIPPED_LISTED })),
  /** The total number. */
  skippedCount: Type.Optional(Type.Integer({ minimum: 1 })),
};

/** A failure with a code of the error table. */
export const Fault = Type.Object({ code: Type.String(), error: Type.String(), hint: Type.String() });

/** Why a registry could not be read. */
export const RefreshFailure = Type.Object({
  ...Fault.properties,
  at: Epoch,
  /** Since when each refresh has failed with this code. */
  since: Type.Optional(Epoch),
});
export type RefreshFailure = Static<typeof RefreshFailure>;

export const Registry = Type.Object({
  id: RegistryId,
  name: Text,
  provider: Provider,
  url: Type.Optional(Type.String()),
  ref: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  /** The folder of registry.json in a repository; absent for the root. */
  folder: Type.Optional(Type.String()),
  created: Epoch,
  updated: Epoch,
  /** When the cached index was last fetched or confirmed; absent before the first refresh. */
  refreshed: Type.Optional(Epoch),
  /** The number of plugins in the cached index. */
  plugins: Type.Optional(Type.Integer()),
  /** Seconds since the last refresh. */
  age: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Why the last refresh failed; absent if it did not. */
  failure: Type.Optional(RefreshFailure),
  /** The permanent redirect of registry.json at the last refresh. The registry's address should be updated. */
  moved: Type.Optional(Type.String()),
  /** The kind of its credential; absent for none. The secret is never part of a response. */
  credential: Type.Optional(CredentialKind),
  /** True if a refresh skips invalid plugins and versions. If absent, one invalid entry makes the index invalid. */
  lenient: Type.Optional(Type.Boolean()),
  /** True if its index is generated from the plugin files of a repository or folder; absent if it is read from registry.json. */
  generateIndex: Type.Optional(Type.Boolean()),
  /** Its accepted head and keys; every answer of the API has it. */
  trust: Type.Optional(RegistryTrust),
  /** What its keeper says about it; absent if it has no valid details. */
  details: Type.Optional(RegistryTexts),
  ...skippedFields,
});
export type Registry = Static<typeof Registry>;

/** The outcome of one registry in a refresh of several. */
export const RefreshOutcome = Type.Object({
  id: RegistryId,
  name: Text,
  /** The number of plugins in the cached index. */
  plugins: Type.Optional(Type.Integer()),
  /** False if the index is unchanged; absent if the refresh failed. */
  changed: Type.Optional(Type.Boolean()),
  ...skippedFields,
  /** The failure. */
  code: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
});
export type RefreshOutcome = Static<typeof RefreshOutcome>;

/** The result of a test of an address. Nothing is stored. */
export const FoundRegistry = Type.Object({
  /** A name for it, and the fields to add it with. */
  name: Type.String(),
  provider: Provider,
  url: Type.Optional(Type.String()),
  ref: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  folder: Type.Optional(Type.String()),
  /** True where it has no registry.json, and its index can be generated from its plugin files. */
  generateIndex: Type.Optional(Type.Boolean()),
  /** The number of files that may be plugins, of which an index can be generated. */
  files: Type.Optional(Type.Integer({ minimum: 0 })),
  /**
   * Whether its registry.json was read and is valid; or, where a generated index was asked for, whether it has files that may be
   * plugins. False if nothing was fetched.
   */
  usable: Type.Boolean(),
  /** The number of valid plugins. */
  plugins: Type.Optional(Type.Integer()),
  /** The first errors of its registry.json, and their number. */
  faults: Type.Optional(Type.Array(SkippedEntry, { maxItems: MAX_SKIPPED_LISTED })),
  faultCount: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Why its registry.json could not be read. */
  failure: Type.Optional(Fault),
  /** The kind of credential that it requires, if there is none or it was refused. */
  wants: Type.Optional(CredentialKind),
  /** The permanent redirect. */
  moved: Type.Optional(Type.String()),
  /** What its owner should know before it is added; absent if there is nothing. */
  warnings: Type.Optional(Type.Array(ErrorReport)),
  /** The fingerprint that the address named after `#key=`. */
  key: Type.Optional(Fingerprint),
  /** What its head says of itself, once the signatures hold; absent where it is not signed, and where nothing was fetched. */
  identity: Type.Optional(RegistryIdentity),
  /** All attempts in order, each with its code; `OK` if registry.json was found. */
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
