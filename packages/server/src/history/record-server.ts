import { type Actor, SERVER_ACTOR } from "@hitagi/contract";
import type { Catalog } from "../catalog/types.ts";
import type { EventObserver } from "../events/types.ts";
import type { History } from "./types.ts";

/** Records each refresh with its actor, registry and outcome. */
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

/** Records quarantines, which the server decides itself, from their events. */
export const recordQuarantines =
  (history: Pick<History, "record">, now: () => number = () => Date.now() / 1000): EventObserver =>
  (event) => {
    if (event.kind !== "plugin" || event.action !== "quarantined") return;
    const subject = { kind: "plugin", id: event.namespace } as const;
    const action = { actor: SERVER_ACTOR, action: "quarantine_plugin", subject };
    history.record({ ...action, time: now(), outcome: "ok", ms: 0, job: null });
  };
