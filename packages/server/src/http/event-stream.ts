import { Readable } from "node:stream";
import type { StreamMessage } from "@hitagi/contract";

/** One reader's stream of server-sent events (WHATWG HTML §9.2). */
export interface EventStream {
  /** What is sent as the answer. */
  readonly body: Readable;
  send(message: StreamMessage): void;
  /** From here on the reader may be so many bytes behind, beside what it has to catch up with now. */
  limit(maxBytes: number): void;
  /** A comment, so that proxies and readers see that the connection lives. */
  beat(): void;
  /** Ends it in order; the reader comes back and goes on where it was. */
  end(): void;
}

/** Milliseconds after which a browser's reader comes back. */
const RETRY_MS = 2000;

const textOf = (message: StreamMessage): string =>
  `id: ${message.id}\nevent: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`;

/**
 * Makes a stream that is dropped where its reader is too far behind: what it has missed by then is for the bus to give
 * it when it comes back, and not for this server's memory to hold.
 */
export const createEventStream = (): EventStream => {
  const body = new Readable({ read() {}, highWaterMark: 16 * 1024 });
  let limit = Number.POSITIVE_INFINITY;
  const push = (text: string): void => {
    if (body.destroyed || body.readableEnded) return;
    body.push(text);
    if (body.readableLength > limit) body.destroy();
  };
  push(`retry: ${RETRY_MS}\n\n`);
  let ended = false;
  return {
    body,
    send: (message) => {
      if (!ended) push(textOf(message));
    },
    limit: (maxBytes) => {
      limit = body.readableLength + maxBytes;
    },
    beat: () => {
      if (!ended) push(": beat\n\n");
    },
    end: () => {
      if (ended) return;
      ended = true;
      body.push(null);
    },
  };
};
