import { Type } from "typebox";
import { askedPermissions } from "../manifest.ts";
import { RawNamespace } from "../namespace.ts";
import { HeldUpdate, ListedUpdate, OfferedDetail, OfferedPlugin, Withdrawn } from "../offers.ts";
import { RegistryReference } from "../registries.ts";
import { PluginType } from "../registry-index.ts";
import { described } from "../scalars.ts";
import { answer, paged, pageQuery, routes } from "./route.ts";

const filter = {
  q: Type.Optional(
    Type.String({
      maxLength: 256,
      description: "Text that is looked for in namespace, name, author and description, without case.",
    }),
  ),
  type: Type.Optional(described("Only plugins of this type.", PluginType)),
  installed: Type.Optional(
    Type.Boolean({ description: "True for only installed plugins, false for only others." }),
  ),
  update: Type.Optional(
    Type.Boolean({ description: "True for only plugins with an update, false for only others." }),
  ),
  asks: Type.Optional(
    Type.Enum([...askedPermissions], {
      description:
        "Only plugins that ask for this kind of permission, or for `none`, as their keepers say. Plugins of which no keeper says it are left out.",
    }),
  ),
  ...pageQuery,
};

export const catalogRoutes = routes({
  listOffered: {
    method: "GET",
    path: "/api/registries/:id/plugins",
    operation: "list_registry_plugins",
    summary: "The plugins of one registry, from its cached index",
    tag: "catalog",
    scope: "read",
    params: Type.Object({ id: RegistryReference }),
    query: Type.Object(filter),
    response: answer("list_registry_plugins", paged(OfferedPlugin)),
  },
  searchAvailable: {
    method: "GET",
    path: "/api/plugins/available",
    operation: "search_plugins",
    summary: "The plugins of all registries, from their cached indexes",
    tag: "catalog",
    scope: "read",
    query: Type.Object(filter),
    response: answer("search_plugins", paged(OfferedPlugin)),
  },
  getAvailable: {
    method: "GET",
    path: "/api/plugins/available/:namespace",
    operation: "get_available_plugin",
    summary: "All versions of one plugin, in each registry that offers it",
    tag: "catalog",
    scope: "read",
    params: Type.Object({ namespace: RawNamespace }),
    response: answer("get_available_plugin", { offers: Type.Array(OfferedDetail) }),
  },
  listUpdates: {
    method: "GET",
    path: "/api/plugins/updates",
    operation: "list_updates",
    summary:
      "Installed plugins with a newer version in their registry, newer versions that their owner holds back, and plugins whose version " +
      "their registry no longer offers",
    tag: "catalog",
    scope: "read",
    response: answer("list_updates", {
      updates: Type.Array(ListedUpdate),
      held: Type.Array(HeldUpdate),
      withdrawn: Type.Array(Withdrawn),
    }),
  },
});
