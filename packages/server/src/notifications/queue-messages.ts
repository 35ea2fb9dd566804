import type { NotificationMessage } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { type Outbox, outboxDocument, receiversDocument } from "./document.ts";

/** Queues one message for one receiver; a repeated key answers the first job. */
export type QueueMessage = (
  args: { receiver: string; message: NotificationMessage },
  options: { once: string },
) => Promise<number>;

export interface QueueMessagesDeps {
  documents: Pick<Documents, "read" | "change">;
  queue: QueueMessage;
}

/**
 * Queues the messages that were made, one job for each receiver that wants it, and takes them out of the outbox. A node that dies in
 * between leaves them there, and any node repeats this: the queue takes one job for each message and receiver.
 */
export const queueMessages = async (
  { documents, queue }: QueueMessagesDeps,
  { made }: Outbox,
): Promise<void> => {
  if (made.length === 0) return;
  const { receivers } = (await documents.read(receiversDocument)).value;
  for (const message of made) {
    for (const { name, causes } of receivers) {
      if (causes !== undefined && !causes.some((cause) => cause === message.cause)) continue;
      await queue({ receiver: name, message }, { once: `notify ${message.id} ${name}` });
    }
  }
  const queued = new Set(made.map(({ id }) => id));
  await documents.change(outboxDocument, ({ value }) => ({
    ...value,
    made: value.made.filter(({ id }) => !queued.has(id)),
  }));
};
