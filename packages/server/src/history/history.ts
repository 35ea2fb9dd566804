import { errorCodeOf, type HistoryDetails, type SubjectKind } from "@hitagi/contract";
import type { Logger } from "pino";
import type { HistoryStore } from "../store/types.ts";
import type { History, NewEntry } from "./types.ts";

export interface HistoryDeps {
  store: HistoryStore;
  log: Pick<Logger, "error">;
  /** The name that something has now, by kind: an archive's title, the name of a registry or a category. */
  names?: Partial<Record<SubjectKind, (id: string) => Promise<string | undefined>>>;
  /** Seconds that an entry is kept. */
  keepSeconds: number;
  /** Entries that are kept; the oldest go first. */
  keepEntries: number;
  /** Epoch seconds, with milliseconds. */
  now?: () => number;
}

/** Seconds between two removals of old entries. */
const PRUNE_EVERY = 600;
/** Entries that an export reads at once. */
const BATCH = 500;

export const createHistory = (deps: HistoryDeps): History => {
  const { store, log, names = {}, keepSeconds, keepEntries, now = () => Date.now() / 1000 } = deps;
  const writing = new Set<Promise<void>>();
  let pruned = Number.NEGATIVE_INFINITY;

  const nameOf: History["nameOf"] = async (subject) =>
    subject === null ? undefined : names[subject.kind]?.(subject.id).catch(() => undefined);

  /** Names are stored, because what they name may be changed or removed later. */
  const named = async (entry: NewEntry, more: HistoryDetails | undefined): Promise<NewEntry> => {
    const details = { ...entry.details, ...more };
    const name = details.name ?? (await nameOf(entry.subject));
    const { archive } = details;
    const title = archive && (await nameOf({ kind: "archive", id: archive.id }));
    const known = {
      ...details,
      ...(name !== undefined && { name }),
      ...(archive && { archive: { id: archive.id, ...(title !== undefined && { title }) } }),
    };
    return Object.keys(known).length > 0 ? { ...entry, details: known } : entry;
  };

  const write = async (...[entry, read]: Parameters<History["record"]>): Promise<void> => {
    await store.add(await named(entry, await read?.()));
    if (now() - pruned < PRUNE_EVERY) return;
    pruned = now();
    await store.prune(now() - keepSeconds, keepEntries);
  };
  const record: History["record"] = (entry, read) => {
    const written = write(entry, read)
      .catch((err: unknown) => log.error({ err, action: entry.action }, "the history could not be written"))
      .finally(() => writing.delete(written));
    writing.add(written);
  };

  return {
    record,
    nameOf,
    track: async (action, work) => {
      const time = now();
      const end = (outcome: string): void =>
        record({ ...action, time, outcome, ms: Math.round((now() - time) * 1000), job: null });
      try {
        const result = await work();
        end("ok");
        return result;
      } catch (error) {
        end(errorCodeOf(error));
        throw error;
      }
    },
    list: (filter, page, size) => store.list(filter, page, size),
    async *all(filter) {
      let after = filter.after ?? 0;
      for (;;) {
        const entries = await store.next({ ...filter, after }, BATCH);
        yield* entries;
        const last = entries.at(-1);
        if (last === undefined || entries.length < BATCH) return;
        after = last.id;
      }
    },
    close: async () => {
      await Promise.all(writing);
    },
  };
};
