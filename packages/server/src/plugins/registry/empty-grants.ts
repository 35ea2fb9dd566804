import type { Namespace, Permissions } from "@hitagi/contract";
import type { HistoryStore, PluginStore } from "../../store/types.ts";

/** As it is stored: a record without permissions is one that its owner has not decided on; see active-plugin.ts. */
export const GRANTED_NOTHING: Permissions = { net: [] };

export interface EmptyGrantsDeps {
  store: Pick<PluginStore, "list" | "grant">;
  history: Pick<HistoryStore, "list">;
}

/**
 * Marks the builtins that their owner granted nothing. Earlier versions stored that like no decision, so the history tells the two
 * apart, as long as it is kept.
 */
export const markEmptyGrants = async ({ store, history }: EmptyGrantsDeps): Promise<void> => {
  const isDecided = async (subject: Namespace): Promise<boolean> => {
    const filter = { action: "grant_permissions", kind: "plugin", subject, outcome: "ok" } as const;
    return (await history.list(filter, 1, 1)).total > 0;
  };
  for (const { namespace, provenance, granted } of await store.list()) {
    if (provenance || Object.keys(granted).length > 0) continue;
    if (await isDecided(namespace)) await store.grant(namespace, GRANTED_NOTHING);
  }
};
