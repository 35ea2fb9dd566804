import type { CallContext } from "../../types.ts";
import { parseHtml, parseXml } from "./documents.ts";
import { decodeBytes, type Encoded } from "./encoding.ts";
import { fileFunctions, openFile } from "./files.ts";
import { requestHost } from "./host-requests.ts";
import { createLog, reportProgress } from "./notifications.ts";
import { type RunningCall, signalOf } from "./running-call.ts";

const SEARCH_LIMIT = 100;
const LIST_LIMIT = 1000;

/** An entry point's argument: the data that the host sent with the call, and functions that request more of the host. */
export const createContext = (
  call: RunningCall,
  { arg = "", settings, url, archive }: CallContext,
): object => ({
  arg,
  settings,
  url,
  get signal() {
    return signalOf(call);
  },
  ...(archive && { archive: { ...archive, ...archiveFunctions(call) } }),
  log: createLog(() => call),
  progress: (done: unknown, total: unknown, note?: unknown) => reportProgress(call, done, total, note),
  html: parseHtml,
  xml: parseXml,
  cache: cacheFunctions(call),
  library: libraryFunctions(call),
  files: fileFunctions(call),
});

const archiveFunctions = (call: RunningCall) => ({
  entries: () => requestHost(call, "archive.entries", {}),
  read: async (name: string) => decodeBytes((await requestHost(call, "archive.read", { name })) as Encoded),
  text: async (name: string) =>
    ((await requestHost(call, "archive.text", { name })) as { text: string }).text,
  open: () => openFile((offset, length) => requestHost(call, "archive.readAt", { offset, length })),
});

const cacheFunctions = (call: RunningCall) => ({
  get: async (key: string) => ((await requestHost(call, "cache.get", { key })) as { value?: unknown }).value,
  set: async (key: string, value: unknown, ttl: number) => {
    await requestHost(call, "cache.set", { key, value, ttl });
  },
});

const libraryFunctions = (call: RunningCall) => ({
  search: (text: string, limit = SEARCH_LIMIT) => requestHost(call, "library.search", { text, limit }),
  list: (offset = 0, limit = LIST_LIMIT) => requestHost(call, "library.list", { offset, limit }),
  get: (id: string) => requestHost(call, "library.get", { id }),
  update: (id: string, fields: object) => requestHost(call, "library.update", { ...fields, id }),
  add: (url: string) => requestHost(call, "library.add", { url: String(url) }),
});
