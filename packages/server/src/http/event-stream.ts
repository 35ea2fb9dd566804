import { Readable } from "node:stream";
import type { StreamMessage } from "@hitagi/contract";

/** One client's stream of server-sent events (WHATWG HTML §9.2). */
export interface EventStream {
  /** The body of the response. */
  readonly body: Readable;
  send(message: StreamMessage): void;
  /** From now on the client may be so many bytes behind, beyond what is buffered now. */
  limit(maxBytes: number): void;
  /** Sends a comment, which shows proxies and clients that the connection is alive. */
  heartbeat(): void;
  /** Ends the stream in order; the client reconnects and continues at its position. */
  end(): void;
}

/** Milliseconds after which a browser reconnects. */
const RETRY_MS = 2000;

const frameOf = (message: StreamMessage): string =>
  `id: ${message.id}\nevent: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`;

/** A stream that is destroyed when its client is too far behind: after it reconnects, it gets what it missed. */
export const createEventStream = (): EventStream => {
  const body = new Readable({ read() {}, highWaterMark: 16 * 1024 });
  let limit = Number.POSITIVE_INFINITY;
  let ended = false;
  const push = (text: string): void => {
    if (ended || body.destroyed || body.readableEnded) return;
    body.push(text);
    if (body.readableLength > limit) body.destroy();
  };
  push(`retry: ${RETRY_MS}\n\n`);
  return {
    body,
    send: (message) => push(frameOf(message)),
    limit: (maxBytes) => {
      limit = body.readableLength + maxBytes;
    },
    heartbeat: () => push(": beat\n\n"),
    end: () => {
      if (ended) return;
      ended = true;
      body.push(null);
    },
  };
};
