import { type Static, Type } from "typebox";
import { RequestedPermissions } from "./manifest.ts";
import { Namespace } from "./namespace.ts";
import { MAX_DESCRIPTION, MAX_VERSIONS, ShortText } from "./registry-index.ts";
import { NamespaceKey, Requirements } from "./requirements.ts";

/** Bytes of the largest registry.details.json. */
export const MAX_DETAILS_BYTES = 32 * 1024 * 1024;

/** Characters of the longest readme of a plugin. */
export const MAX_README = 65_536;

/** Characters of the longest changelog of a version. */
export const MAX_CHANGELOG = 16_384;

const closed = { additionalProperties: false } as const;

const WebAddress = Type.String({ pattern: "^https?://[^\\s\\u0000-\\u0020\\u007f]+$", maxLength: 2048 });

/** A version of SemVer 2.0.0. */
const VERSION =
  "^(?:0|[1-9]\\d*)(?:\\.(?:0|[1-9]\\d*)){2}(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$";
const VersionKey = Type.String({ pattern: VERSION, maxLength: 256 });
/** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
const Time = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" });

/** A published version. Its name, hash and address are in registry.json. */
export const VersionDetails = Type.Object({
  /** What changed since the version before it, as Markdown. */
  changelog: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_CHANGELOG })),
  /** Bytes of the artifact. */
  size: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 * 1024 * 1024 })),
  /** Those of its manifest, without exception; `{}` where it asks for none. */
  permissions: Type.Optional(RequestedPermissions),
  requires: Type.Optional(Requirements),
});
export type VersionDetails = Static<typeof VersionDetails>;

/**
 * A version that the keeper withdrew. It is no longer in registry.json. Its entry here stays, so that no other bytes can be published
 * under its name.
 */
export const Yank = Type.Object({
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  reason: Type.String({ minLength: 1, maxLength: 1024 }),
  at: Time,
  /** Installed copies do harm, and are quarantined. */
  dangerous: Type.Optional(Type.Boolean()),
});
export type Yank = Static<typeof Yank>;

/** Why a plugin should no longer be installed, and by which plugin it is replaced. */
export const Deprecation = Type.Object({
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  replacement: Type.Optional(Namespace),
});
export type Deprecation = Static<typeof Deprecation>;

/** What the keeper says about a plugin in all its versions. */
const pluginTexts = {
  homepage: Type.Optional(WebAddress),
  /** Where its source code is. */
  source: Type.Optional(WebAddress),
  /** An SPDX expression, such as `MIT`. */
  licence: Type.Optional(ShortText),
  /** An image as a data URL. */
  icon: Type.Optional(
    Type.String({
      pattern: "^data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$",
      maxLength: 262_144,
    }),
  ),
  /** Markdown. */
  readme: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_README })),
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 32, uniqueItems: true }),
  ),
  deprecated: Type.Optional(Deprecation),
};

/** A plugin. One whose versions are all yanked is only here, not in registry.json. */
export const PluginDetails = Type.Object({
  ...pluginTexts,
  versions: Type.Optional(
    Type.Record(VersionKey, VersionDetails, { maxProperties: MAX_VERSIONS, ...closed }),
  ),
  /** A version stands in registry.json or here. One that stands in both is yanked. */
  yanked: Type.Optional(Type.Record(VersionKey, Yank, { maxProperties: MAX_VERSIONS, ...closed })),
});
export type PluginDetails = Static<typeof PluginDetails>;

/** What the keeper says about the registry. */
export const RegistryTexts = Type.Object({
  name: Type.Optional(ShortText),
  description: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_DESCRIPTION })),
  homepage: Type.Optional(WebAddress),
  /** How its keeper is reached: a mail address, or the address of a page. */
  contact: Type.Optional(ShortText),
});
export type RegistryTexts = Static<typeof RegistryTexts>;

/**
 * registry.details.json, version 1: what registry.json has no fields for. It is optional. A signed head names its hash. Fields that a
 * reader does not know are ignored, so that later versions can add some.
 */
export const RegistryDetails = Type.Object({
  version: Type.Literal(1),
  ...RegistryTexts.properties,
  plugins: Type.Record(NamespaceKey, PluginDetails, closed),
});
export type RegistryDetails = Static<typeof RegistryDetails>;

/** The newest versions of a plugin whose changelogs an answer has. */
export const MAX_CHANGELOGS = 50;

/** The details of one plugin as the server answers them. Texts are as the keeper wrote them: a page sanitises Markdown. */
export const PublishedDetails = Type.Object({
  ...pluginTexts,
  /** Newest first. Only the newest MAX_CHANGELOGS have a changelog. */
  versions: Type.Array(Type.Object({ version: Type.String(), ...VersionDetails.properties })),
  /** Newest first. */
  yanked: Type.Array(Type.Object({ version: Type.String(), ...Yank.properties })),
});
export type PublishedDetails = Static<typeof PublishedDetails>;

/** The most characters of the changelogs of one update. */
export const MAX_UPDATE_CHANGELOG = 16_384;

/** What changed in a version, as Markdown. */
export const VersionChangelog = Type.Object({ version: Type.String(), changelog: Type.String() });
export type VersionChangelog = Static<typeof VersionChangelog>;

/** What changed between an installed version and a newer one: the changelogs of all versions after it, newest first. */
export const UpdateChangelog = Type.Array(VersionChangelog);
export type UpdateChangelog = Static<typeof UpdateChangelog>;
