// The reader process: it opens archives that the server does not read itself.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import {
  type FromReader,
  type OpenContainer,
  ReaderFault,
  type RequestedFile,
  type ToReader,
} from "./reader-protocol.ts";

/** Milliseconds between two looks at the memory and at the server. */
const WATCH_MS = 100;

/**
 * Ends this process, from a thread of its own, when it holds too much memory or its server is gone: a reader that is busy sees neither.
 */
const watch = ({ server, maxMemory }: { server: number; maxMemory: number }): void => {
  const isGone = (): boolean => {
    try {
      process.kill(server, 0);
      return false;
    } catch {
      return true;
    }
  };
  setInterval(() => {
    if (process.memoryUsage.rss() > maxMemory || isGone()) process.kill(process.pid, "SIGKILL");
  }, WATCH_MS);
};

interface Opened {
  identity: string;
  container: OpenContainer;
  fd: number;
}

/** The archive of the last request: its next page is read next. */
let opened: Opened | undefined;

const closeOpened = async (): Promise<void> => {
  const last = opened;
  opened = undefined;
  await last?.container.close();
  if (last) closeSync(last.fd);
};

const open = async ({ format, path, identity }: RequestedFile): Promise<Opened> => {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const source = {
      size,
      read: (into: Uint8Array, position: number) => readSync(fd, into, 0, into.length, position),
    };
    const container =
      format === "pdf"
        ? await (await import("./pdf-container.ts")).openPdf(source)
        : await (await import("./seven-zip-container.ts")).openSevenZip(source, format);
    return { identity, container, fd };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};

const answer = async (request: ToReader): Promise<FromReader> => {
  if (opened?.identity !== request.identity) {
    await closeOpened();
    opened = await open(request);
  }
  const { container } = opened;
  return request.kind === "entries"
    ? { kind: "entries", entries: await container.entries() }
    : { kind: "bytes", bytes: await container.read(request.name, request.maxBytes) };
};

const serve = (): void => {
  process.on("message", async (request: ToReader) => {
    try {
      process.send?.(await answer(request));
    } catch (error) {
      if (!(error instanceof ReaderFault)) throw error;
      process.send?.({ kind: "fault", code: error.code, reason: error.message } satisfies FromReader);
    }
  });
  process.on("disconnect", () => process.exit());
};

if (isMainThread) {
  // The server may be gone already, so its id is not looked up here.
  const [server, maxMemory] = process.argv.slice(2).map(Number);
  new Worker(new URL(import.meta.url), { workerData: { server, maxMemory } });
  serve();
} else watch(workerData);
