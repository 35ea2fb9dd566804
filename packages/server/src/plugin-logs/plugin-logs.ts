import { EventEmitter, once } from "node:events";
import { cleanText, type PluginLogLine } from "@hitagi/contract";
import type { Logger } from "pino";
import type { LogRange, PluginLogStore } from "../store/types.ts";
import { createLineBuffer } from "./line-buffer.ts";
import { matchesFilter } from "./log-filter.ts";
import type { LogFilter, PluginLogs } from "./types.ts";

export interface PluginLogsDeps {
  store: PluginLogStore;
  /** The name of this server in its lines. */
  node: string;
  /** Seconds that a line is kept. */
  keepSeconds: number;
  /** Bytes that are kept of each plugin's log. */
  keepBytes: number;
  log: Pick<Logger, "warn">;
  /** Epoch seconds, with milliseconds. */
  now?: () => number;
}

/** Lines that are read at once. */
const CHUNK = 500;

/** Milliseconds after which a follower looks for lines of other servers. */
const POLL_MS = 1000;

/** The newest expired lines may still be stored: a store removes them when the plugin logs again. */
const withinAge = (filter: LogFilter, oldest: number): LogFilter => ({
  ...filter,
  since: Math.max(filter.since ?? 0, oldest),
});

/** Reads the pages of a range in one direction. */
async function* pagesOf(
  read: (range: LogRange) => Promise<PluginLogLine[]>,
  range: LogRange,
  side: keyof LogRange,
) {
  for (let left = range; ; ) {
    const lines = await read(left);
    yield lines;
    const last = lines.at(-1);
    if (last === undefined || lines.length < CHUNK) return;
    left = { ...left, [side]: last.id };
  }
}

export const createPluginLogs = (deps: PluginLogsDeps): PluginLogs => {
  const { store, node, keepSeconds, keepBytes, log, now = () => Date.now() / 1000 } = deps;
  const stored = new EventEmitter().setMaxListeners(0);
  const oldest = (): number => now() - keepSeconds;
  const buffer = createLineBuffer({
    store: (lines) => store.add(lines, { bytes: keepBytes, since: oldest() }),
    onStored: (lines) => {
      for (const plugin of new Set(lines.map((line) => line.plugin))) stored.emit(plugin);
    },
    log,
  });

  const page: PluginLogs["page"] = async (plugin, { after, before, ...filter }, size) => {
    await buffer.flush();
    const wanted = withinAge(filter, oldest());
    const forward = after !== undefined;
    const read = (range: LogRange) => (forward ? store.first : store.last)(plugin, range, CHUNK);
    const found: PluginLogLine[] = [];
    for await (const lines of pagesOf(read, { after, before }, forward ? "after" : "before")) {
      found.push(...lines.filter((line) => matchesFilter(wanted, line)));
      if (found.length > size) break;
    }
    const items = found.slice(0, size);
    return { items: forward ? items : items.reverse(), more: found.length > size };
  };

  return {
    write: ({ text, ...line }) => buffer.add({ ...line, text: cleanText(text), time: now(), node }),
    page,
    async end(plugin) {
      await buffer.flush();
      const [newest] = await store.last(plugin, {}, 1);
      return newest?.id ?? 0;
    },
    async *follow(plugin, filter, after, signal) {
      for (let position = after; !signal.aborted; ) {
        const until = AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)]);
        const changed = once(stored, plugin, { signal: until }).catch(() => {});
        const lines = await store.first(plugin, { after: position }, CHUNK);
        const wanted = withinAge(filter, oldest());
        yield* lines.filter((line) => matchesFilter(wanted, line));
        position = lines.at(-1)?.id ?? position;
        if (lines.length < CHUNK) await changed;
      }
    },
    async close() {
      await buffer.flush();
      buffer.close();
    },
  };
};
