import { type Static, Type } from "typebox";
import { Text } from "./registry-index.ts";
import { Epoch } from "./scalars.ts";

export const RegistryId = Type.String({ pattern: "^REG_[0-9]{10}$" });

/** The providers whose sources this build has. A new source adds its name here. */
export const Provider = Type.Enum(["github", "gitlab", "gitea", "git", "cdn", "local"]);
export type Provider = Static<typeof Provider>;

/** What a private registry is reached with. Only the kind is ever told, never the secret. */
export const CredentialKind = Type.Enum(["token", "ssh-key"]);
export type CredentialKind = Static<typeof CredentialKind>;

/** The credential of a private registry. The secret is never part of a response. */
export interface Credential {
  kind: CredentialKind;
  /** A token, or the text of a private SSH key. It must appear in no message, log line or process argument. */
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
  /** Whether a refresh skips the bad entries of its index; absent is false. */
  lenient?: boolean | undefined;
}

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
