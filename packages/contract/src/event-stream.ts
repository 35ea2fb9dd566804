import { createParser } from "eventsource-parser";
import { HitagiError } from "./hitagi-error.ts";

/** Milliseconds without data after which a stream counts as dead. The server sends a heartbeat every 15 s. */
const SILENCE_MS = 45_000;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** The next chunk. @throws HitagiError SERVER_UNREACHABLE where the connection breaks, and after the time limit */
const nextChunk = async (reader: ReadableStreamDefaultReader<Uint8Array>, url: string) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HitagiError("SERVER_UNREACHABLE", { url })), SILENCE_MS);
  });
  const chunk = reader.read().catch((cause: unknown) => {
    throw isAbort(cause) ? cause : new HitagiError("SERVER_UNREACHABLE", { url }, { cause });
  });
  return Promise.race([chunk, silence]).finally(() => clearTimeout(timer));
};

/**
 * The messages of a stream of server-sent events with JSON data, until the connection ends.
 * @param url for errors
 * @throws HitagiError SERVER_UNREACHABLE if the connection breaks or the server is silent; an abort
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, url: string): AsyncGenerator<unknown> {
  const found: unknown[] = [];
  const parser = createParser({ onEvent: ({ data }) => found.push(JSON.parse(data)) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader, url);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
