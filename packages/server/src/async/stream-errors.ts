import type { EventEmitter } from "node:events";

/**
 * Keeps an error of a stream from ending the process while the stream has no reader: Node throws an `error` event that
 * has no listener. A reader that comes later, or listens too, still gets the error.
 * @returns the same stream
 */
export const surviveErrors = <T extends EventEmitter>(stream: T): T => stream.on("error", () => {});
