import { Readable } from "node:stream";
import type { PluginLogMessage, ServerLogMessage, StreamMessage } from "@hitagi/contract";

/** Milliseconds after which a browser reconnects. */
const RETRY_MS = 2000;

/** Bytes that are buffered for the client to read. */
const BUFFERED = 16 * 1024;

/** One message: its kind is its event type. */
type Message = StreamMessage | PluginLogMessage | ServerLogMessage;

/** All readers get the same message. */
const frames = new WeakMap<Message, string>();
const frameOf = (message: Message): string => {
  const known = frames.get(message);
  if (known !== undefined) return known;
  const frame = `id: ${message.id}\nevent: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`;
  frames.set(message, frame);
  return frame;
};

/**
 * One client's stream of server-sent events (WHATWG HTML §9.2). It is destroyed when the client is too far behind; the
 * event bus sends the missed events when the client reconnects, so this server need not buffer them. Messages that come in one turn of
 * the event loop are written at once.
 */
export const createEventStream = () => {
  let onRead = (): void => {};
  const body = new Readable({ read: () => onRead(), highWaterMark: BUFFERED });
  let limit = Number.POSITIVE_INFINITY;
  let ended = false;
  let waiting = "";
  const flush = (): void => {
    if (waiting === "" || body.destroyed || body.readableEnded) return;
    body.push(waiting);
    waiting = "";
    if (body.readableLength > limit) body.destroy();
  };
  const push = (text: string): void => {
    if (ended || body.destroyed || body.readableEnded) return;
    if (waiting === "") setImmediate(flush);
    waiting += text;
  };
  push(`retry: ${RETRY_MS}\n\n`);
  return {
    /** The body of the response. */
    body,
    send: (message: Message): void => push(frameOf(message)),
    /** From now on the client may be so many bytes behind, beyond what is buffered now. */
    limit: (maxBytes: number): void => {
      flush();
      limit = body.readableLength + maxBytes;
    },
    /** Resolves when the client has read most of what was sent, or has gone. */
    drained: async (): Promise<void> => {
      flush();
      if (body.destroyed || body.readableLength < BUFFERED) return;
      await new Promise<void>((resolve) => {
        onRead = resolve;
        body.once("close", resolve);
      });
    },
    /** Sends a comment, which shows proxies and clients that the connection is alive. */
    heartbeat: (): void => push(": beat\n\n"),
    /** Ends the stream in order; the client reconnects and continues at its position. */
    end: (): void => {
      if (ended) return;
      flush();
      ended = true;
      body.push(null);
    },
  };
};
export type EventStream = ReturnType<typeof createEventStream>;
