import { type Static, Type } from "typebox";
import { LibraryAccess } from "./library-access.ts";
import { Namespace } from "./namespace.ts";
import { MAX_DESCRIPTION, PluginType, ShortText, Text } from "./registry-index.ts";
import { ManifestRequirements } from "./requirements.ts";

const closed = { additionalProperties: false } as const;

/** The types of settings. A `secret` is a string that is never read back. */
export const ParameterType = Type.Enum(["bool", "int", "string", "secret"]);
export type ParameterType = Static<typeof ParameterType>;

export const ParameterValue = Type.Union([
  Type.Boolean(),
  /** With decimals only where the default value has them. */
  Type.Number({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ maxLength: 65_536 }),
]);
export type ParameterValue = Static<typeof ParameterValue>;

/** The name of a setting. */
export const ParameterName = Type.String({ pattern: "^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$" });

/** A setting of a plugin. */
export const Parameter = Type.Object(
  {
    type: ParameterType,
    desc: Type.Optional(Type.String({ maxLength: 4096 })),
    default_value: Type.Optional(ParameterValue),
  },
  closed,
);
export type Parameter = Static<typeof Parameter>;

/**
 * What a plugin asks for and its owner grants: `net` names hosts (`api.example.org`, `*.example.org`, `127.0.0.1:8080`);
 * `library` says what it may do in the library; see {@link LibraryAccess}.
 */
const scopes = {
  net: Type.Optional(
    Type.Array(
      Type.String({
        pattern: "^(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$",
        maxLength: 261,
      }),
      { maxItems: 64, uniqueItems: true },
    ),
  ),
  library: Type.Optional(LibraryAccess),
};

/** The permissions that a plugin asks for. `files` says in words which files it reads: only its owner names them. */
export const RequestedPermissions = Type.Object(
  { ...scopes, files: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) },
  closed,
);
export type RequestedPermissions = Static<typeof RequestedPermissions>;

/** The kinds of permissions that a plugin can ask for, and `none`. */
export const askedPermissions = ["none", "net", "library", "files"] as const;
export type AskedPermission = (typeof askedPermissions)[number];

/** The permissions of a plugin. `files` are absolute paths on the server of files, and of folders with all below, to read. */
export const Permissions = Type.Object(
  {
    ...scopes,
    files: Type.Optional(
      Type.Array(Type.String({ pattern: "^[^\\u0000-\\u001f\\u007f]+$", maxLength: 4096 }), {
        maxItems: 64,
        uniqueItems: true,
      }),
    ),
  },
  closed,
);
export type Permissions = Static<typeof Permissions>;

/** What the owner grants a version at its install: all that it asks for, or only these permissions. Files are granted later. */
export const Grant = Type.Union([Type.Boolean(), Type.Object(scopes, closed)], {
  description: "True for all that the version asks for, or the permissions that are granted, and no others.",
});
export type Grant = Static<typeof Grant>;

/** What a plugin says about itself. The names are LANraragi's, plus `permissions` and `requires`. */
export const Manifest = Type.Object(
  {
    namespace: Namespace,
    type: PluginType,
    name: ShortText,
    version: Text,
    author: ShortText,
    description: Type.String({ maxLength: MAX_DESCRIPTION, default: "" }),
    icon: Type.Optional(Type.String({ maxLength: 262_144 })),
    parameters: Type.Optional(
      Type.Record(ParameterName, Parameter, {
        maxProperties: 64,
      }),
    ),
    /** Names of parameters in the order of LANraragi's older, positional settings. */
    to_named_params: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
    permissions: Type.Optional(RequestedPermissions),
    /** Which Hitagi and which other plugins it needs. A Perl plugin does not say it; its registry's details may. */
    requires: Type.Optional(ManifestRequirements),
    /** Packages of other Perl plugins whose functions it calls. */
    uses: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64 })),
    /** The description of the one-shot argument; absent if the plugin has none. */
    oneshot_arg: Type.Optional(Type.String({ maxLength: 1024 })),
    /** Seconds between the starts of two calls; the server waits for an hour at most. */
    cooldown: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
    /** The namespace of the login plugin whose session this plugin uses. */
    login_from: Type.Optional(Namespace),
    /** A regular expression for the addresses that a download plugin accepts, or that a metadata plugin takes as its one-shot argument. */
    url_regex: Type.Optional(Type.String({ maxLength: 2048 })),
    /** Of a metadata plugin: the same for addresses in `source:` tags that `url_regex` does not take. */
    source_regex: Type.Optional(Type.String({ maxLength: 2048 })),
  },
  closed,
);
export type Manifest = Static<typeof Manifest>;
