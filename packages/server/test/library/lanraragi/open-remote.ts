import path from "node:path";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../../../src/app/listen.ts";
import { readConfig } from "../../../src/config/config.ts";
import { createLanraragiLibrary } from "../../../src/library/lanraragi/lanraragi.ts";
import {
  createLanraragiServer,
  type LanraragiServer,
  type RequestTimeouts,
} from "../../../src/library/lanraragi/server.ts";
import type { Library } from "../../../src/library/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** Short waits between tries, and more time for an answer than a loaded machine needs. */
export const QUICK: RequestTimeouts = {
  retryMs: 10,
  retries: 3,
  silenceMs: 150_000,
  answerMs: 150_000,
  fileMs: 150_000,
};

export interface Connected {
  library: Library;
  server: LanraragiServer;
  /** The folder in which it keeps files. */
  folder: string;
}

/** The library of the server at this address. */
export const connectLibrary = async (
  address: string,
  key: string,
  more: {
    maxCacheBytes?: number;
    maxUploadBytes?: number;
    timeouts?: RequestTimeouts;
    freshMs?: number;
  } = {},
): Promise<Connected> => {
  const { maxCacheBytes = 50_000_000, maxUploadBytes = 2_000_000, timeouts = QUICK, freshMs = 5000 } = more;
  const folder = path.join(await tempFolder(), "cache");
  const server = createLanraragiServer(new URL(`${address}/`), key, {}, timeouts);
  onTestFinished(() => server.close());
  const library = createLanraragiLibrary({ server, folder, maxCacheBytes, maxUploadBytes, freshMs });
  return { library, server, folder };
};

/** A second Hitagi server, which speaks as LANraragi does, on a port of its own. */
export const startRemote = async (): Promise<RunningServer> => {
  const data = path.join(await tempFolder(), "remote");
  const config = readConfig({ data, port: "0", warm: "0", log: "silent" }, {});
  const server = await startServer(config, pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  return server;
};
