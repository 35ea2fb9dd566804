/** What a request may cost before it is understood. */
export interface Limits {
  /** Bytes of a JSON or form body. */
  bodyBytes: number;
  /** Milliseconds in which such a body must have arrived whole. */
  bodyMs: number;
  /** Milliseconds that an upload may stand still. */
  uploadIdleMs: number;
  /** Milliseconds for the header lines (a slow sender of those holds a connection and nothing else). */
  headersMs: number;
  /** Milliseconds for any request in all, the largest upload included. */
  requestMs: number;
  /** Streams of events that are open at once. */
  streams: number;
  /** Bytes that a stream's reader may be behind before it is dropped. */
  streamBytes: number;
  /** Milliseconds between two signs of life on a stream. */
  heartbeatMs: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 1024 * 1024,
  bodyMs: 30_000,
  uploadIdleMs: 60_000,
  headersMs: 15_000,
  requestMs: 6 * 3_600_000,
  streams: 64,
  streamBytes: 256 * 1024,
  heartbeatMs: 15_000,
};
