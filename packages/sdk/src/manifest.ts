/** The types of plugins. */
export type PluginType = "metadata" | "download" | "login" | "script";

/** A setting of a plugin. */
export interface Parameter {
  /** A `secret` is a text that is never shown. */
  type: "bool" | "int" | "string" | "secret";
  /** What the owner reads beside the field. */
  desc?: string;
  /** Of the type of the setting. A secret has none. */
  default_value?: boolean | number | string;
}

/** What a plugin may do in the library; `read+add` and `write+add` are two of these rights. */
export type LibraryAccess = "read" | "write" | "add" | "read+add" | "write+add";

/** The permissions that a plugin asks for. Its owner may grant less. */
export interface RequestedPermissions {
  /** Hosts: `api.example.org`, `*.example.org`, `127.0.0.1:8080`. At most 64. */
  net?: string[];
  library?: LibraryAccess;
  /** Which files it reads, in words: only its owner names them. */
  files?: string;
}

/** What a plugin says about itself. */
export interface Manifest {
  /** Its identity: lower-case letters, digits, `-` and `_`. */
  namespace: Lowercase<string>;
  type: PluginType;
  /** For people; at most 256 characters. */
  name: string;
  /** SemVer 2.0.0: `1.0.0`. */
  version: string;
  author: string;
  /** What it does. Owners read it before an install. */
  description: string;
  /** An image as a `data:` URL. */
  icon?: string;
  parameters?: Record<string, Parameter>;
  /** Names of parameters in the order of LANraragi's older, positional settings. */
  to_named_params?: string[];
  permissions?: RequestedPermissions;
  /** Ranges as npm writes them: of Hitagi's versions, and of other plugins' by namespace, such as `{ "site-login": "^1.2.0" }`. */
  requires?: { hitagi?: string; plugins?: Record<string, string> };
  /** Packages of other Perl plugins whose functions it calls. */
  uses?: string[];
  /** The description of the one-shot argument; absent if it has none. */
  oneshot_arg?: string;
  /** Seconds between the starts of two calls. */
  cooldown?: number;
  /** The namespace of the login plugin whose session its requests use. */
  login_from?: Lowercase<string>;
  /** A regular expression for the addresses that it takes; required for a download plugin. */
  url_regex?: string;
  /** Of a metadata plugin: the same for addresses in `source:` tags that `url_regex` does not take. */
  source_regex?: string;
}
