import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { isHitagiError } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { EventBus } from "../events/types.ts";
import { createFileCache } from "../library/file-cache.ts";
import { MAX_PAGE, pagesIn } from "../library/pages.ts";
import type { Library } from "../library/types.ts";
import { createDrawing, type Drawing, UndrawableError } from "./draw.ts";
import { imageType } from "./image-type.ts";
import type { Thumbnail, Thumbnails } from "./types.ts";

export interface ThumbnailsDeps {
  library: Pick<Library, "get" | "list" | "entries" | "read" | "thumbnail">;
  events: Pick<EventBus, "follow">;
  /** The folder of the cache. Absolute; made if it is missing. */
  folder: string;
  maxCacheBytes: number;
  log: Pick<Logger, "warn">;
  drawing?: Drawing;
}

/** Pages without a thumbnail that are remembered, and for how long, in milliseconds. */
const REMEMBERED = { max: 10_000, ttl: 3_600_000 };

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

/** The reason for an error of an archive that has no thumbnail. @throws every other error */
const reasonOf = (error: unknown): string => {
  if (error instanceof UndrawableError) return error.message;
  if (isHitagiError(error, "ARCHIVE_BROKEN") || isHitagiError(error, "ARCHIVE_UNREADABLE"))
    return String(error.params.reason);
  if (isHitagiError(error, "ENTRY_TOO_LARGE")) return "the page is too large";
  if (isHitagiError(error, "ENTRY_NOT_FOUND")) return "the page is gone";
  throw error;
};

/** Draws thumbnails and caches them. Those of a library on another server are that server's. */
export const createThumbnails = (deps: ThumbnailsDeps): Thumbnails => {
  const { library, events, log, drawing = createDrawing() } = deps;
  const cache = createFileCache(deps.folder, deps.maxCacheBytes);
  const refused = new LRUCache<string, string>(REMEMBERED);
  let unfollow: (() => void) | undefined;

  const readPage = async (id: string, page: number, signal: AbortSignal): Promise<Buffer> => {
    // The request may have ended while this page waited for its turn.
    signal.throwIfAborted();
    const name = pagesIn(await library.entries(id))[page - 1];
    if (name === undefined) throw new UndrawableError(page === 1 ? "it has no pages" : "it has no such page");
    return library.read(id, name, MAX_PAGE);
  };

  /** Draws it, unless another request has drawn it meanwhile. A full disk leaves it out of the cache. */
  const draw = async (name: string, id: string, page: number, signal: AbortSignal): Promise<Buffer> => {
    let drawn: Buffer | undefined;
    const fetch = async () => {
      drawn = await drawing.draw(() => readPage(id, page, signal));
      return { body: Readable.from([drawn]), length: drawn.length };
    };
    try {
      return await readFile(await cache.file(name, fetch));
    } catch (error) {
      if (drawn) return drawn;
      // The request that it shared went away.
      if (isAbort(error) && !signal.aborted) return draw(name, id, page, signal);
      throw error;
    }
  };

  const drawnHere = async (id: string, page: number, signal: AbortSignal): Promise<Thumbnail> => {
    // The id covers only the file's start, so the size is part of the name.
    const name = `${id}-${(await library.get(id)).size}-${page}.jpg`;
    const reason = refused.get(name);
    if (reason !== undefined) return { reason };
    const cached = await cache.find(name);
    try {
      const image = cached ? await readFile(cached) : await draw(name, id, page, signal);
      return { image, type: "image/jpeg" };
    } catch (error) {
      const why = reasonOf(error);
      refused.set(name, why);
      return { reason: why };
    }
  };

  const drop = async (id: string): Promise<void> => {
    await cache.drop(`${id}-`);
    for (const name of refused.keys()) if (name.startsWith(`${id}-`)) refused.delete(name);
  };

  const dropRemoved = async (): Promise<void> => {
    const names = await cache.names();
    if (names.length === 0) return;
    const known = new Set((await library.list()).map(({ id }) => id));
    const removed = new Set(names.map((name) => name.slice(0, 40)).filter((id) => !known.has(id)));
    for (const id of removed) await drop(id);
  };

  const warn = (err: unknown): void =>
    log.warn({ err }, "thumbnails of removed archives could not be removed");

  return {
    async get(id, page, signal) {
      if (!library.thumbnail) return drawnHere(id, page, signal);
      const image = await library.thumbnail(id, page, signal);
      const type = image && imageType(image);
      return image && type ? { image, type } : { reason: "the library's server has none" };
    },
    async start() {
      if (library.thumbnail) return;
      unfollow = await events.follow(undefined, {
        begin: () => void dropRemoved().catch(warn),
        event: (event) => {
          if (event.kind === "archive" && event.action === "removed") drop(event.archive).catch(warn);
        },
      });
    },
    close() {
      unfollow?.();
      drawing.close();
    },
  };
};
