import { type Static, Type } from "typebox";
import { Namespace } from "./namespace.ts";
import { PluginType, Text } from "./registry-index.ts";

const closed = { additionalProperties: false } as const;

/** The kinds of setting; a `secret` is a string that is written and never read back. */
export const ParameterType = Type.Enum(["bool", "int", "string", "secret"]);
export type ParameterType = Static<typeof ParameterType>;

export const ParameterValue = Type.Union([
  Type.Boolean(),
  Type.Integer(),
  Type.String({ maxLength: 65_536 }),
]);
export type ParameterValue = Static<typeof ParameterValue>;

/** One setting that a plugin takes. */
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
 * The permissions of a plugin. `net` names hosts (`api.example.org`, `*.example.org`,
 * `127.0.0.1:8080`); `library` lets it search and read the library, `write` also change metadata.
 */
export const Permissions = Type.Object(
  {
    net: Type.Optional(
      Type.Array(
        Type.String({
          pattern: "^(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$",
          maxLength: 261,
        }),
        { maxItems: 64, uniqueItems: true },
      ),
    ),
    library: Type.Optional(Type.Enum(["read", "write"])),
  },
  closed,
);
export type Permissions = Static<typeof Permissions>;

/** What the owner grants a version: all that it asks for, or no more than the part named here. */
export const Grant = Type.Union([Type.Boolean(), Permissions]);
export type Grant = Static<typeof Grant>;

/** What a plugin says of itself; the names are LANraragi's, with `permissions` added. */
export const Manifest = Type.Object(
  {
    namespace: Namespace,
    type: PluginType,
    name: Type.String({ minLength: 1, maxLength: 256 }),
    version: Text,
    author: Type.String({ minLength: 1, maxLength: 256 }),
    description: Type.String({ maxLength: 8192, default: "" }),
    icon: Type.Optional(Type.String({ maxLength: 262_144 })),
    parameters: Type.Optional(
      Type.Record(Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$" }), Parameter, {
        maxProperties: 64,
      }),
    ),
    /** Names of parameters in the order in which LANraragi kept their values before it kept them by name. */
    to_named_params: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
    permissions: Type.Optional(Permissions),
    /** What the one-shot argument is, shown to the person; absent where none is taken. */
    oneshot_arg: Type.Optional(Type.String({ maxLength: 1024 })),
    /** Seconds to wait between two calls over many archives. */
    cooldown: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    /** Namespace of the login plugin whose session this plugin's requests use. */
    login_from: Type.Optional(Namespace),
    /** Regular expression of the addresses that a download plugin takes. */
    url_regex: Type.Optional(Type.String({ maxLength: 2048 })),
  },
  closed,
);
export type Manifest = Static<typeof Manifest>;
