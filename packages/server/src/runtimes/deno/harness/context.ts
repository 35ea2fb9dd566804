import type { CallContext } from "../../types.ts";
import { ask } from "./asks.ts";
import { decodeBytes, decodeText, type Encoded } from "./bytes.ts";
import { parseHtml, parseXml } from "./documents.ts";
import { type LiveCall, signalOf } from "./live-call.ts";
import { createLog, sayProgress } from "./notes.ts";

const SEARCH_LIMIT = 100;

/** What an entry point gets: what the host sent with the call, and functions that ask it for more. */
export const createContext = (call: LiveCall, { arg, settings, url, archive }: CallContext): object => ({
  arg,
  settings,
  url,
  get signal() {
    return signalOf(call);
  },
  ...(archive && { archive: { ...archive, ...archiveFunctions(call) } }),
  log: createLog(() => call),
  progress: (done: unknown, total: unknown, note?: unknown) => sayProgress(call, done, total, note),
  html: parseHtml,
  xml: parseXml,
  cache: cacheFunctions(call),
  library: libraryFunctions(call),
});

const archiveFunctions = (call: LiveCall) => {
  const read = async (name: string) => decodeBytes((await ask(call, "archive.read", { name })) as Encoded);
  return {
    entries: () => ask(call, "archive.entries", {}),
    read,
    text: async (name: string) => decodeText(await read(name)),
  };
};

const cacheFunctions = (call: LiveCall) => ({
  get: async (key: string) => ((await ask(call, "cache.get", { key })) as { value?: unknown }).value,
  set: async (key: string, value: unknown, ttl: number) => {
    await ask(call, "cache.set", { key, value, ttl });
  },
});

const libraryFunctions = (call: LiveCall) => ({
  search: (text: string, limit = SEARCH_LIMIT) => ask(call, "library.search", { text, limit }),
  get: (id: string) => ask(call, "library.get", { id }),
  update: (id: string, fields: object) => ask(call, "library.update", { ...fields, id }),
});
