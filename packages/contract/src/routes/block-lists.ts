import { Type } from "typebox";
import { AllowedPlugin, BlockHit, BlockList, BlockListName } from "../block-lists.ts";
import { RawNamespace } from "../namespace.ts";
import { answer, routes } from "./route.ts";

/** The block lists, as calls answer them. */
export const blockListFields = {
  lists: Type.Array(BlockList),
  /** Installed plugins that a list names. */
  hits: Type.Array(BlockHit),
  /** Plugins that no block list counts for, because the owner allows them. */
  allowed: Type.Array(AllowedPlugin),
};

/** Lists of plugins that are not to be installed or run. */
export const blockListRoutes = routes({
  getBlockLists: {
    method: "GET",
    path: "/api/policy/blocks",
    operation: "get_block_lists",
    summary:
      "The block lists, the installed plugins that they name, and the plugins that are allowed all the same",
    tag: "plugins",
    scope: "read",
    response: answer("get_block_lists", blockListFields),
  },
  addBlockList: {
    method: "POST",
    path: "/api/policy/blocks",
    operation: "add_block_list",
    summary:
      "Follow a block list, and load it. A list that was never loaded makes all installs wait; what a list blocks is quarantined, " +
      "and nothing is removed",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        name: BlockListName,
        address: Type.String({
          minLength: 1,
          maxLength: 2048,
          description: "An https or http address, or the path of a file of the server.",
        }),
        key: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 300,
            description:
              "The key that it must be signed with; by default the one that the list shows at first.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { name: "community", address: "https://example.org/blocks.txt" },
    response: answer("add_block_list", blockListFields),
  },
  removeBlockList: {
    method: "DELETE",
    path: "/api/policy/blocks/:name",
    operation: "remove_block_list",
    summary: "Follow a block list no longer; what only it blocked runs again",
    tag: "plugins",
    scope: "manage",
    params: Type.Object({ name: BlockListName }),
    response: answer("remove_block_list", blockListFields),
  },
  refreshBlockLists: {
    method: "POST",
    path: "/api/policy/blocks/refresh",
    operation: "refresh_block_lists",
    summary: "Load all block lists now; one that cannot be loaded stays as it was",
    tag: "plugins",
    scope: "manage",
    response: answer("refresh_block_lists", blockListFields),
  },
  allowBlockedPlugin: {
    method: "PUT",
    path: "/api/policy/blocks/allowed/:namespace",
    operation: "allow_blocked_plugin",
    summary: "Let a plugin be installed and run in spite of the block lists",
    tag: "plugins",
    scope: "manage",
    params: Type.Object({ namespace: RawNamespace }),
    response: answer("allow_blocked_plugin", blockListFields),
  },
  disallowBlockedPlugin: {
    method: "DELETE",
    path: "/api/policy/blocks/allowed/:namespace",
    operation: "disallow_blocked_plugin",
    summary: "Let the block lists count for a plugin again",
    tag: "plugins",
    scope: "manage",
    params: Type.Object({ namespace: RawNamespace }),
    response: answer("disallow_blocked_plugin", blockListFields),
  },
});
