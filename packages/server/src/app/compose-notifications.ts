import type { Logger } from "pino";
import type { Catalog, Registries } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Documents } from "../documents/documents.ts";
import type { EventObserver } from "../events/types.ts";
import type { JobObserver } from "../jobs/observed.ts";
import type { Library } from "../library/types.ts";
import type { Network } from "../net/http-agents.ts";
import { createDeliver } from "../notifications/deliver.ts";
import { checkLibrary, checkRegistries, checkUpdates, jobIncident } from "../notifications/incidents.ts";
import { createNotifier } from "../notifications/notifier.ts";
import type { QueueMessage } from "../notifications/queue-messages.ts";
import { createReceivers } from "../notifications/receivers.ts";
import { createSend } from "../notifications/send.ts";
import { taskCodecs } from "../tasks/task-args.ts";

export interface NotificationParts {
  documents: Documents;
  catalog: Catalog;
  registries: Pick<Registries, "list">;
  library: Library;
  network: Network;
  queue: QueueMessage;
  log: Logger;
}

/** The receivers of notifications, what sends to them, and what watches for something to tell. */
export const composeNotifications = ({
  documents,
  catalog,
  registries,
  library,
  network,
  queue,
  log,
}: NotificationParts) => {
  const now = epochSeconds;
  const receivers = createReceivers({ documents, now });
  const { send, close } = createSend(network);
  const notifier = createNotifier({
    documents,
    queue,
    checks: {
      updates: checkUpdates(catalog),
      library: checkLibrary(library),
      registries: checkRegistries(registries, now),
    },
    log,
    now,
  });
  const onJob: JobObserver = (change, job) => {
    const text = change === "ended" ? jobIncident(job, taskCodecs.runBatch.name) : undefined;
    if (text !== undefined) notifier.tell("jobs", text);
  };
  const onEvent: EventObserver = (event) => {
    if (event.kind !== "plugin" || event.action !== "quarantined") return;
    const { namespace, version } = event;
    notifier.tell("quarantine", `${namespace} ${version}: see hitagi info ${namespace}`);
  };
  const deliver = createDeliver({ documents, receivers, send, now });
  return { receivers, send, deliver, notifier, onJob, onEvent, close };
};
