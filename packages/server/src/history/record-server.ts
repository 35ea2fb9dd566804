import { type Actor, SERVER_ACTOR } from "@hitagi/contract";
import type { Catalog } from "../catalog/types.ts";
import type { EventObserver } from "../events/types.ts";
import type { History } from "./types.ts";

/** Refreshes of many registries: each is recorded with whoever asked for it, its registry and how it went. */
export const trackRefreshes = (
  catalog: Pick<Catalog, "refresh">,
  history: Pick<History, "track">,
  actor: Actor,
): Pick<Catalog, "refresh"> => ({
  refresh: (id, signal) =>
    history.track({ actor, action: "refresh_registry", subject: { kind: "registry", id } }, () =>
      catalog.refresh(id, signal),
    ),
});

/** Records what the server does to a plugin unasked, by what is told of it. */
export const recordQuarantines =
  (history: Pick<History, "record">, now: () => number = () => Date.now() / 1000): EventObserver =>
  (event) => {
    if (event.kind !== "plugin" || event.action !== "quarantined") return;
    const subject = { kind: "plugin", id: event.namespace } as const;
    const deed = { actor: SERVER_ACTOR, action: "quarantine_plugin", subject };
    history.record({ ...deed, time: now(), outcome: "ok", ms: 0, job: null });
  };
