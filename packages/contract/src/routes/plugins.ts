import { Type } from "typebox";
import { ParameterValue, Permissions } from "../manifest.ts";
import { RawNamespace } from "../namespace.ts";
import { InstallBody, InstallPlan, ShownVersion, UpgradePreview, Withheld } from "../offers.ts";
import { CallReport } from "../plugin-logs.ts";
import {
  InstalledPlugin,
  ListedPlugin,
  NetworkRecord,
  ReturnVersion,
  Setting,
  Verified,
} from "../plugins.ts";
import { PublishedDetails } from "../registry-details.ts";
import { PluginType } from "../registry-index.ts";
import { described, Nullable } from "../scalars.ts";
import { WebAddress } from "./addresses.ts";
import { answer, queuedJob, routes } from "./route.ts";

const byNamespace = Type.Object({ namespace: RawNamespace });

/** The longest SemVer version. */
const Version = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));

const IgnoreRequirements = Type.Optional(
  Type.Boolean({
    default: false,
    description: "Whether other plugins may lose what they need, and this one may lack what it needs.",
  }),
);

const ToUpgrade = Type.Optional(
  Type.Array(RawNamespace, {
    minItems: 1,
    maxItems: 1000,
    description: "The plugins to upgrade; where absent all that have an update.",
  }),
);

/** The arguments of a call of a plugin. */
const call = {
  plugin: Type.Optional(
    described(
      "The plugin. It may be left out with `url`: then the metadata plugin runs that list_address_readers answers first.",
      RawNamespace,
    ),
  ),
  id: Type.Optional(Type.String({ maxLength: 128, description: "The id of the archive." })),
  arg: Type.Optional(Type.String({ maxLength: 65_536, description: "The one-shot argument." })),
  url: Type.Optional(described("The address of a page about the archive, in place of `arg`.", WebAddress)),
};

const useArguments = {
  ...call,
  debug: Type.Optional(
    Type.Boolean({ description: "Runs in a process of its own, and answers what happened as `debug`." }),
  ),
  apply: Type.Optional(
    Type.Boolean({ description: "Stores the result of a metadata plugin in the archive, as a job would." }),
  ),
};

const queueArguments = {
  ...call,
  /** Without a default in the schema: that of the body would replace what the query has. */
  priority: Type.Optional(
    Type.Integer({
      minimum: -100,
      maximum: 100,
      description: "Jobs of a higher priority run first; 0 where absent.",
    }),
  ),
};

export const pluginRoutes = routes({
  listPlugins: {
    method: "GET",
    path: "/api/plugins/:type",
    operation: "list_plugins",
    summary: "The plugins of one type, or all",
    tag: "plugins",
    scope: "read",
    params: Type.Object({
      type: Type.Enum(["metadata", "download", "login", "script", "all"], {
        description: "The type of the plugins, or `all`.",
      }),
    }),
    response: Type.Array(ListedPlugin),
  },
  previewInstall: {
    method: "POST",
    path: "/api/plugins/preview",
    operation: "preview_install",
    summary: "The plan of an install, without installing",
    tag: "plugins",
    scope: "manage",
    body: InstallBody,
    example: { namespace: "comic-tags", registry: "REG_0000000001" },
    response: answer("preview_install", { plan: InstallPlan }),
  },
  installPlugin: {
    method: "POST",
    path: "/api/plugins/install",
    operation: "install_plugin",
    summary: "Install, upgrade or downgrade a plugin in a job",
    tag: "plugins",
    scope: "manage",
    body: InstallBody,
    example: { namespace: "comic-tags", registry: "REG_0000000001" },
    response: answer("install_plugin", { ...queuedJob, namespace: Type.String() }),
  },
  previewUpgrade: {
    method: "POST",
    path: "/api/plugins/upgrade/preview",
    operation: "preview_upgrade",
    summary: "The plans of upgrades that grant all that the new versions ask for, without upgrading",
    tag: "plugins",
    scope: "manage",
    body: Type.Object({ namespaces: ToUpgrade }, { additionalProperties: false }),
    example: { namespaces: ["comic-tags"] },
    response: answer("preview_upgrade", { upgrades: Type.Array(UpgradePreview) }),
  },
  upgradePlugins: {
    method: "POST",
    path: "/api/plugins/upgrade",
    operation: "upgrade_plugins",
    summary: "Upgrade the given plugins, or all with an update, in a job",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        namespaces: ToUpgrade,
        shown: Type.Optional(
          Type.Array(ShownVersion, {
            minItems: 1,
            maxItems: 10_000,
            description:
              "The versions that preview_upgrade showed, the plugins that they need among them. An upgrade that would put another " +
              "one in place is refused (INSTALL_SET_CHANGED).",
          }),
        ),
        grant: Type.Optional(
          Type.Boolean({
            default: false,
            description:
              "Whether to grant what the new versions ask for; else those that ask for more wait. It needs `shown`, so that nothing " +
              "is granted that no preview showed; without `shown` it counts as false.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { namespaces: ["comic-tags"] },
    response: answer("upgrade_plugins", queuedJob),
  },
  verifyPlugins: {
    method: "POST",
    path: "/api/plugins/verify",
    operation: "verify_plugins",
    summary: "Compare every installed file with its record",
    tag: "plugins",
    scope: "read",
    response: answer("verify_plugins", { files: Type.Array(Verified) }),
  },
  sideloadPlugin: {
    method: "POST",
    path: "/api/plugins/sideload",
    operation: "sideload_plugin",
    summary: "Install a plugin from an uploaded file, with the same checks",
    tag: "plugins",
    scope: "manage",
    form: "file",
    body: Type.Object({
      grant: Type.Optional(
        Type.Boolean({
          description:
            "True grants all that it asks for, false nothing beyond what was granted before. Absent, it is granted all, " +
            "unless the server is set to wait for its owner (HITAGI_GRANT).",
        }),
      ),
      move: Type.Optional(
        Type.Boolean({ description: "Whether to replace a registry's plugin, whose settings stay." }),
      ),
      ignoreRequirements: IgnoreRequirements,
    }),
    example: { grant: true },
    response: answer("sideload_plugin", {
      namespace: Type.String(),
      /** The name of its file on the server: another one than was sent if another plugin has a file of that name. */
      filename: Type.String(),
      version: Type.String(),
      /** The version before; null if none was installed. */
      from: Type.Union([Type.String(), Type.Null()]),
      granted: Permissions,
      withheld: Withheld,
    }),
  },
  listInstalled: {
    method: "GET",
    path: "/api/plugins/installed",
    operation: "list_installed",
    summary: "Full records of all installed plugins",
    tag: "plugins",
    scope: "read",
    response: answer("list_installed", { plugins: Type.Array(InstalledPlugin) }),
  },
  getInstalled: {
    method: "GET",
    path: "/api/plugins/installed/:namespace",
    operation: "get_installed",
    summary: "One installed plugin's full record",
    tag: "plugins",
    scope: "read",
    params: byNamespace,
    response: answer("get_installed", {
      plugin: InstalledPlugin,
      /** What its registry says about it; absent if the registry has no valid details of it. */
      details: Type.Optional(PublishedDetails),
    }),
  },
  getNetworkLog: {
    method: "GET",
    path: "/api/plugins/installed/:namespace/network",
    operation: "get_plugin_network",
    summary: "The latest requests of a plugin since the server started, newest first",
    tag: "plugins",
    scope: "read",
    params: byNamespace,
    response: answer("get_plugin_network", { requests: Type.Array(NetworkRecord) }),
  },
  listKeptVersions: {
    method: "GET",
    path: "/api/plugins/installed/:namespace/versions",
    operation: "list_kept_versions",
    summary:
      "The versions that a rollback can restore, of a removed plugin too, the one installed last first",
    tag: "plugins",
    scope: "read",
    params: byNamespace,
    response: answer("list_kept_versions", {
      /** Null if the plugin is not installed. */
      installed: Nullable(Type.String()),
      versions: Type.Array(ReturnVersion),
    }),
  },
  uninstallPlugin: {
    method: "DELETE",
    path: "/api/plugins/installed/:namespace",
    operation: "uninstall_plugin",
    summary: "Remove a plugin; its settings are kept, unless they are dropped",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    query: Type.Object({
      dropSettings: Type.Optional(
        Type.Boolean({
          default: false,
          description: "Whether to drop its settings, secrets, flags and cache too. Kept versions stay.",
        }),
      ),
      ignoreRequirements: IgnoreRequirements,
    }),
    response: answer("uninstall_plugin", { successMessage: Type.String() }),
  },
  rollbackPlugin: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/rollback",
    operation: "rollback_plugin",
    summary: "Go back to the previous version, or to a kept one",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      {
        version: Version("A kept version; by default the one before the active version."),
        ignoreRequirements: IgnoreRequirements,
      },
      { additionalProperties: false },
    ),
    example: { version: "1.2.0" },
    response: answer("rollback_plugin", {
      namespace: Type.String(),
      version: Type.String(),
      /** The version before; null if the plugin was not installed. */
      from: Nullable(Type.String()),
    }),
  },
  reinstallPlugin: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/reinstall",
    operation: "reinstall_plugin",
    summary: "Put the installed version in place again; settings and grants stay",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    response: answer("reinstall_plugin", { namespace: Type.String(), version: Type.String() }),
  },
  moveToSideloaded: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/sideload",
    operation: "move_to_sideloaded",
    summary:
      "Make a registry's plugin a sideloaded one: the sideloaded version that was installed last, or its own code; settings stay",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    query: Type.Object({ ignoreRequirements: IgnoreRequirements }),
    response: answer("move_to_sideloaded", {
      namespace: Type.String(),
      version: Type.String(),
      from: Nullable(Type.String()),
      withheld: Withheld,
    }),
  },
  grantPermissions: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/grant",
    operation: "grant_permissions",
    summary:
      "Set a plugin's permissions: all that it asks for, or those given here; files alone leave all else as it is",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      {
        permissions: Type.Optional(
          described(
            "By default all that it asks for; granted files stay. Permissions are granted as they are here, and no others. " +
              "Those that name only `files` replace the granted files, and leave all else as it is.",
            Permissions,
          ),
        ),
      },
      { additionalProperties: false },
    ),
    example: { permissions: { net: ["api.example.org"] } },
    response: answer("grant_permissions", { granted: Permissions }),
  },
  configurePlugin: {
    method: "PUT",
    path: "/api/plugins/installed/:namespace/metadata-config",
    operation: "update_plugin_metadata_config",
    summary: "Enable, hide or order a metadata plugin",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      {
        enabled: Type.Optional(Type.Boolean({ description: "Whether it runs on new archives." })),
        hidden: Type.Optional(Type.Boolean({ description: "Whether readers leave it out of their lists." })),
        priority: Type.Optional(
          Type.Integer({
            minimum: -1_000_000,
            maximum: 1_000_000,
            description: "Its place in the order of the enabled plugins.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { enabled: true, priority: 10 },
    response: answer("update_plugin_metadata_config", {}),
  },
  getSettings: {
    method: "GET",
    path: "/api/plugins/installed/:namespace/settings",
    operation: "get_plugin_settings",
    summary: "A plugin's settings with their types and values; secrets are never shown",
    tag: "plugins",
    scope: "read",
    params: byNamespace,
    response: answer("get_plugin_settings", { settings: Type.Array(Setting) }),
  },
  putSettings: {
    method: "PUT",
    path: "/api/plugins/installed/:namespace/settings",
    operation: "update_plugin_settings",
    summary: "Change some of a plugin's settings; null restores the default",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Record(Type.String(), Type.Union([ParameterValue, Type.Null()]), {
      minProperties: 1,
      description: "The new value of each named setting; null restores its default.",
    }),
    example: { language: "english", timeout: null },
    response: answer("update_plugin_settings", { settings: Type.Array(Setting) }),
  },
  savePluginForm: {
    method: "POST",
    path: "/api/config/plugins",
    alias: "/config/plugins",
    operation: "update_plugin_config",
    summary:
      "Save the form of a settings page, urlencoded or multipart: `<namespace>` (on, off, 1, 0, true, false) enables or " +
      "disables a metadata plugin; `<namespace>.<parameter>`, or LANraragi's `<namespace>_CFG_<parameter>` and `<namespace>_CFG_<n>` with parameters " +
      "counted from 1, sets one setting; the namespace is in any case. Only what is named changes, except that of a plugin that LANraragi's names are used for, " +
      "the boxes that are left out (its own, and parameters of type bool) are off, as a browser leaves them out; of a field given twice the last value counts, " +
      "so that a hidden 0 may stand before a checkbox; an empty secret stays as it is. Settings of LANraragi itself are kept, and `replacetitles` says if enabled plugins replace the titles of new archives",
    tag: "plugins",
    scope: "manage",
    form: "any",
    body: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
      minProperties: 1,
      description: "The fields of the form.",
    }),
    example: { "comic-info": "on", "comic-info.language": "english" },
    response: answer("update_plugin_config", {
      /** Always empty: failures have `error`. */
      message: Type.String(),
      /** The namespaces that the form named. */
      plugins: Type.Array(Type.String()),
    }),
  },
  usePlugin: {
    method: "POST",
    path: "/api/plugins/use",
    operation: "use_plugin",
    summary: "Run a plugin now; the archive stays as it is, unless `apply` is given",
    tag: "plugins",
    scope: "use",
    query: Type.Object(useArguments),
    optionalBody: true,
    /** Counts before the query. */
    body: Type.Object(useArguments, { additionalProperties: false }),
    example: { plugin: "comic-info", id: "28697b96f0ac5858be2614ed10ca47742c9522fd" },
    response: Type.Object({
      operation: Type.Literal("use_plugin"),
      /** The plugin that was chosen, where the request named none. */
      plugin: Type.Optional(Type.String()),
      type: Type.Union([PluginType, Type.Null()]),
      success: Type.Enum([0, 1]),
      error: Type.Union([Type.String(), Type.Null()]),
      code: Type.Optional(Type.String()),
      hint: Type.Optional(Type.String()),
      data: Type.Unknown(),
      /** Where the request asked for it. */
      debug: Type.Optional(CallReport),
    }),
  },
  queuePlugin: {
    method: "POST",
    path: "/api/plugins/queue",
    operation: "queue_plugin_exec",
    summary: "Run a plugin in a job; the result of a metadata plugin is stored in the archive",
    tag: "plugins",
    scope: "use",
    query: Type.Object(queueArguments),
    optionalBody: true,
    /** Counts before the query. */
    body: Type.Object(queueArguments, { additionalProperties: false }),
    example: { plugin: "comic-info", id: "28697b96f0ac5858be2614ed10ca47742c9522fd", priority: 10 },
    response: answer("queue_plugin_exec", {
      ...queuedJob,
      /** The plugin that was chosen, where the request named none. */
      plugin: Type.Optional(Type.String()),
    }),
  },
});
