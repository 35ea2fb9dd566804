import { cleanText, cleanTexts, HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { Type } from "typebox";
import { decodeText } from "../../library/text-encoding.ts";
import type { Library } from "../../library/types.ts";
import type { PluginCacheStore } from "../../store/types.ts";
import { serverInfo } from "../../version.ts";
import type { FileAccess } from "../granted-files.ts";
import type { CallScope } from "../types.ts";
import {
  argsOf,
  type Capability,
  capability,
  directNetwork,
  everyPlugin,
  NoArgs,
  network,
  ownArchive,
} from "./capability.ts";
import { categoryCapabilities } from "./category-capabilities.ts";
import { fileCapabilities, PieceArgs, readPiece } from "./file-capabilities.ts";
import type { createHostFetch } from "./host-fetch.ts";
import { type LibraryMethods, libraryCapabilities } from "./library-capabilities.ts";
import { pluginCapabilities } from "./plugin-capabilities.ts";
import { FetchArgs } from "./plugin-request.ts";
import type { ThrottleLimits } from "./throttle.ts";

export interface CapabilityDeps {
  library: Pick<Library, "entries" | "read" | "open" | LibraryMethods>;
  cache: PluginCacheStore;
  files: FileAccess;
  /** The kept value of a setting of LANraragi. */
  lanraragiSetting: (name: string) => Promise<string | undefined>;
  log: Logger;
  /** Epoch milliseconds. */
  now: () => number;
  fetch: ReturnType<typeof createHostFetch>;
}

/** Fits into one message to a plugin, in base64. */
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;
/** A plugin's requests to hosts, whether the broker makes them or it does. */
export const FETCH_THROTTLE: ThrottleLimits = { concurrency: 8, perSecond: 20, maxQueued: 64 };
/** A process's log has its own limit before this one; see processes/log-limiter.ts. */
export const LOG_LIMITS: ThrottleLimits = { concurrency: 1, perSecond: 1000, maxQueued: 2000 };
const MAX_CACHED_TEXT = 65_536;
const MONTH_SECONDS = 30 * 24 * 3600;
const MAX_LOG_TEXT = 4096;
const MAX_NOTE_TEXT = 256;

const Key = Type.String({ minLength: 1, maxLength: 256 });

/** Includes the source, because cached values may be secret: a plugin of this namespace from elsewhere cannot read them. */
export const cacheOwner = ({ namespace, source }: Pick<CallScope, "namespace" | "source">): string =>
  `${namespace} ${source}`;

/** A cached value as JSON text. @throws HitagiError CAPABILITY_INVALID, CAPABILITY_LIMIT */
const toCachedText = (value: unknown): string => {
  const text = JSON.stringify(cleanTexts(value));
  if (text === undefined) {
    throw new HitagiError("CAPABILITY_INVALID", { capability: "cache.set", reason: "the value is not JSON" });
  }
  if (text.length > MAX_CACHED_TEXT) {
    throw new HitagiError("CAPABILITY_LIMIT", {
      reason: `a cached value has at most ${MAX_CACHED_TEXT} characters`,
    });
  }
  return text;
};

/** Control characters, line separators, and marks that reorder text on a terminal or a page. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of harmless text, of at most `max` characters. */
const plainText = (text: string, max: number): string => {
  const line = cleanText(text.replace(UNSAFE, " ")).trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
};

/** The same with its line feeds and tabs. */
const plainLines = (text: string, max: number): string =>
  text
    .slice(0, max)
    .split("\n")
    .map((line) => cleanText(line.replaceAll("\t", "  ").replace(UNSAFE, " ")).trimEnd())
    .join("\n");

/** All capabilities of plugins. A row checks its permission, then its arguments, and then runs. */
export const capabilityTable = ({
  library,
  cache,
  files,
  lanraragiSetting,
  log,
  now,
  fetch,
}: CapabilityDeps): readonly Capability[] => [
  capability({
    name: "archive.entries",
    permission: ownArchive,
    args: NoArgs,
    limits: { concurrency: 2, perSecond: 20, per: "call", maxQueued: 4096 },
    run: (_, archive) => library.entries(archive),
  }),
  capability({
    name: "archive.read",
    permission: ownArchive,
    args: argsOf({ name: Type.String({ maxLength: 4096 }) }),
    limits: { concurrency: 2, perSecond: 200, per: "call", maxQueued: 4096 },
    run: async ({ name }, archive) => {
      const bytes = await library.read(archive, name, MAX_ENTRY_BYTES);
      return { base64: bytes.toString("base64") };
    },
  }),
  capability({
    name: "archive.text",
    permission: ownArchive,
    args: argsOf({ name: Type.String({ maxLength: 4096 }) }),
    limits: { concurrency: 2, perSecond: 200, per: "call", maxQueued: 4096 },
    run: async ({ name }, archive) => {
      const text = await decodeText(await library.read(archive, name, MAX_ENTRY_BYTES));
      if (text === undefined) throw new HitagiError("ENTRY_NOT_TEXT", { name });
      return { text };
    },
  }),
  capability({
    name: "archive.readAt",
    permission: ownArchive,
    args: argsOf(PieceArgs),
    limits: { concurrency: 2, perSecond: 200, per: "call", maxQueued: 4096 },
    run: async ({ offset, length }, archive) => readPiece(await library.open(archive), offset, length),
  }),
  ...libraryCapabilities(library),
  ...categoryCapabilities(library),
  ...pluginCapabilities,
  ...fileCapabilities(files),
  capability({
    name: "fetch",
    permission: network,
    args: FetchArgs,
    limits: FETCH_THROTTLE,
    run: fetch,
  }),
  capability({
    name: "session",
    permission: directNetwork,
    args: NoArgs,
    limits: { concurrency: 8, perSecond: 500, maxQueued: 256 },
    run: async (_, __, { session }) => {
      const found = await session();
      return found ? { ...found, hosts: found.anyHost ? null : found.hosts } : null;
    },
  }),
  capability({
    name: "server.info",
    permission: everyPlugin,
    args: NoArgs,
    limits: { concurrency: 8, perSecond: 500, maxQueued: 256 },
    run: async () => serverInfo,
  }),
  capability({
    name: "lanraragi.setting",
    permission: everyPlugin,
    args: argsOf({ name: Key }),
    limits: { concurrency: 8, perSecond: 500, maxQueued: 256 },
    run: async ({ name }) => (await lanraragiSetting(name)) ?? null,
  }),
  capability({
    name: "cache.get",
    permission: everyPlugin,
    args: argsOf({ key: Key }),
    limits: { concurrency: 8, perSecond: 500, maxQueued: 256 },
    run: async ({ key }, _, { scope }) => {
      const text = await cache.get(cacheOwner(scope), cleanText(key), Math.floor(now() / 1000));
      return text === undefined ? {} : { value: JSON.parse(text) };
    },
  }),
  capability({
    name: "cache.set",
    permission: everyPlugin,
    args: argsOf({
      key: Key,
      value: Type.Unknown(),
      ttl: Type.Integer({ minimum: 1, maximum: MONTH_SECONDS }),
    }),
    limits: { concurrency: 2, perSecond: 100, maxQueued: 256 },
    run: async ({ key, value, ttl }, _, { scope }) => {
      await cache.set(cacheOwner(scope), cleanText(key), toCachedText(value), Math.floor(now() / 1000) + ttl);
      return null;
    },
  }),
  capability({
    name: "log",
    permission: everyPlugin,
    args: argsOf({
      level: Type.Enum(["debug", "info", "warn", "error"]),
      text: Type.String({ maxLength: 65_536 }),
    }),
    limits: LOG_LIMITS,
    run: async ({ level, text }, _, { scope }) => {
      log[level]({ plugin: scope.namespace }, plainText(text, MAX_LOG_TEXT));
      scope.onLine?.({ level, text: plainLines(text, MAX_LOG_TEXT) });
      return null;
    },
  }),
  capability({
    name: "progress",
    permission: everyPlugin,
    args: argsOf({
      done: Type.Number({ minimum: 0 }),
      total: Type.Number({ minimum: 0 }),
      note: Type.Optional(Type.String({ maxLength: 65_536 })),
    }),
    limits: { concurrency: 1, perSecond: 100, maxQueued: 1000 },
    run: async ({ done, total, note }, _, { scope }) => {
      scope.onProgress?.(done, total, note && plainText(note, MAX_NOTE_TEXT));
      return null;
    },
  }),
];
