import { mkdir } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import type { Permissions } from "@hitagi/contract";
import pino from "pino";
import { onTestFinished } from "vitest";
import { createFolderLibrary } from "../../../src/library/folder.ts";
import { type BrokerDeps, createBroker } from "../../../src/runtimes/broker/broker.ts";
import type { FetchAnswer } from "../../../src/runtimes/broker/host-fetch.ts";
import type { CallScope } from "../../../src/runtimes/types.ts";
import { openStore } from "../../../src/store/store.ts";
import { cbz } from "../../library/cbz.ts";
import { httpServer } from "../../support/http-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** A broker over a real store and a real library, with everything that it logged. */
export const realBroker = async (options: Partial<BrokerDeps> = {}) => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "library"));
  const store = await openStore(`sqlite:${path.join(folder, "hitagi.db")}`);
  const now = () => Math.floor(Date.now() / 1000);
  const library = createFolderLibrary({
    folder: path.join(folder, "library"),
    archives: store.archives,
    categories: store.categories,
    locks: store.locks,
    maxUploadBytes: 64 * 1024 * 1024,
    now,
  });
  const logged: { level: number; plugin?: string; msg: string }[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const broker = createBroker({ library, cache: store.cache, log, ...options });
  onTestFinished(async () => {
    await broker.close();
    await store.close();
  });
  const add = (filename: string, tags = "", bytes = cbz(filename)) =>
    library.add({ filename, tags, stream: Readable.from([bytes]) });
  return { broker, library, logged, add, store };
};

export type RealBroker = Awaited<ReturnType<typeof realBroker>>["broker"];

/** A call of the plugin `tester` with these rights. */
export const scopeOf = (granted: Permissions, more: Partial<CallScope> = {}): CallScope => ({
  namespace: "tester",
  source: "sideloaded",
  granted,
  ...more,
});

export interface Server {
  port: number;
  /** `127.0.0.1:<port>`: the address as a grant names it. */
  host: string;
  url: string;
  requests: IncomingMessage[];
}

/** A real HTTP server on a free port of 127.0.0.1 that ends with the test. */
export const serve = async (listener: RequestListener): Promise<Server> => {
  const requests: IncomingMessage[] = [];
  const url = await httpServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  const port = Number(new URL(url).port);
  return { port, host: `127.0.0.1:${port}`, url, requests };
};

export const live = () => new AbortController().signal;

interface FetchOptions {
  method?: string;
  headers?: [string, string][];
  body?: string;
  redirect?: string;
  signal?: AbortSignal;
}

/** Fetches as a plugin's harness does. */
export const fetchAs = async (
  broker: RealBroker,
  scope: CallScope,
  url: string,
  options: FetchOptions = {},
) => {
  const { method = "GET", headers = [], body, redirect, signal = live() } = options;
  const encoded = body === undefined ? {} : { body: { base64: Buffer.from(body).toString("base64") } };
  const args = { url, method, headers, ...encoded, ...(redirect ? { redirect } : {}) };
  const answer = (await broker.bind(scope)("fetch", args, signal)) as FetchAnswer;
  return { ...answer, text: Buffer.from(answer.body.base64, "base64").toString() };
};
