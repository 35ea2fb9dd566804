import { Type } from "typebox";
import { RawNamespace } from "../namespace.ts";
import { AutomaticPlugin, Note, UpdateChoices, UpdatePolicy, UpdateWindow } from "../plugin-updates.ts";
import { RegistryId, registryNames } from "../registries.ts";
import { answer, routes } from "./route.ts";

const byNamespace = Type.Object({ namespace: RawNamespace });

const closed = { additionalProperties: false } as const;

const Version = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));

const updates = { updates: UpdateChoices };

const Choice = Type.Union([Type.Boolean(), Type.Null()]);

/** The rules for automatic updates, as calls answer them. */
export const updatePolicyFields = {
  ...UpdatePolicy.properties,
  ...registryNames,
  /** The installed plugins that have a registry. */
  plugins: Type.Array(AutomaticPlugin),
};

/** What an owner decides about updates. */
export const updateRoutes = routes({
  getUpdatePolicy: {
    method: "GET",
    path: "/api/policy/updates",
    operation: "get_update_policy",
    summary: "Which plugins update themselves, and when",
    tag: "plugins",
    scope: "read",
    response: answer("get_update_policy", updatePolicyFields),
  },
  changeUpdatePolicy: {
    method: "PUT",
    path: "/api/policy/updates",
    operation: "change_update_policy",
    summary:
      "Turn automatic updates on or off for plugins, registries or all, and set their hours; what is absent stays. " +
      "No automatic update gives new rights, or changes a quarantined plugin or one whose version was withdrawn",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        all: Type.Optional(Type.Boolean({ description: "For plugins without a choice of their own." })),
        registries: Type.Optional(
          Type.Record(RegistryId, Choice, { description: "By registry; null follows `all`." }),
        ),
        plugins: Type.Optional(
          Type.Record(Type.String({ maxLength: 64 }), Choice, {
            description: "By namespace; null follows the registry.",
          }),
        ),
        window: Type.Optional(
          Type.Union([UpdateWindow, Type.Null()], { description: "When they begin; null for any time." }),
        ),
      },
      closed,
    ),
    example: {
      plugins: { "title-cleaner": true },
      window: { from: "02:00", to: "05:00", zone: "Europe/Berlin" },
    },
    response: answer("change_update_policy", updatePolicyFields),
  },
  holdPlugin: {
    method: "PUT",
    path: "/api/plugins/installed/:namespace/hold",
    operation: "hold_plugin",
    summary: "Hold a plugin: no upgrade and no install goes beyond a version",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      { at: Version("The version to hold it at; by default the installed one."), note: Type.Optional(Note) },
      closed,
    ),
    example: { at: "1.2.0", note: "2.0 drops my language" },
    response: answer("hold_plugin", updates),
  },
  unholdPlugin: {
    method: "DELETE",
    path: "/api/plugins/installed/:namespace/hold",
    operation: "unhold_plugin",
    summary: "Lift the hold of a plugin",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    response: answer("unhold_plugin", updates),
  },
  skipVersion: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/skip",
    operation: "skip_version",
    summary: "Skip a version: no upgrade installs it",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      { version: Version("The version to skip; by default the offered update."), note: Type.Optional(Note) },
      closed,
    ),
    example: { version: "1.3.0", note: "crashes on PDFs" },
    response: answer("skip_version", { version: Type.String(), ...updates }),
  },
  unskipVersion: {
    method: "POST",
    path: "/api/plugins/installed/:namespace/unskip",
    operation: "unskip_version",
    summary: "Offer a version again that was skipped or rolled back from",
    tag: "plugins",
    scope: "manage",
    params: byNamespace,
    body: Type.Object(
      { version: Version("The version to offer again; by default all of the plugin.") },
      closed,
    ),
    example: { version: "1.3.0" },
    response: answer("unskip_version", updates),
  },
});
