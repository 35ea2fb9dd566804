/** Limits of requests and streams. */
export interface Limits {
  /** Bytes of a JSON or form body. */
  bodyBytes: number;
  /** Milliseconds in which such a body must arrive. */
  bodyMs: number;
  /** Milliseconds that an upload may stall. */
  uploadIdleMs: number;
  /** Milliseconds that the answer to an upload waits for the enabled plugins. */
  pluginsMs: number;
  /** Milliseconds in which the headers must arrive. */
  headersMs: number;
  /** Milliseconds for a whole request, the largest upload included. */
  requestMs: number;
  /** Milliseconds that a client may go on sending the body of a request that has been answered. */
  lingerMs: number;
  /** Bytes of large answers in memory that no client has read, of all keys and of each. */
  unreadBytes: number;
  unreadBytesByKey: number;
  /** Milliseconds in which a client must read a large answer. */
  unreadMs: number;
  /** Concurrent event streams, of all keys and of each. */
  streams: number;
  streamsByKey: number;
  /** Bytes that the client of a stream may be behind. */
  streamBytes: number;
  /** Milliseconds between two heartbeats of a stream. */
  heartbeatMs: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 1024 * 1024,
  bodyMs: 30_000,
  uploadIdleMs: 60_000,
  pluginsMs: 10_000,
  headersMs: 15_000,
  requestMs: 6 * 3_600_000,
  lingerMs: 5000,
  unreadBytes: 384 * 1024 * 1024,
  unreadBytesByKey: 128 * 1024 * 1024,
  unreadMs: 300_000,
  streams: 64,
  streamsByKey: 16,
  streamBytes: 256 * 1024,
  heartbeatMs: 15_000,
};
