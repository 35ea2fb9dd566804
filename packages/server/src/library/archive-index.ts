import { setImmediate } from "node:timers/promises";
import type { ArchiveSort } from "@hitagi/contract";
import { coalesce } from "../async/coalesce.ts";
import { filterInTurns } from "../async/in-turns.ts";
import { pagesOfArchives } from "../store/archive-pages.ts";
import type { ArchiveRecord, ArchiveStore, PlacedArchive } from "../store/types.ts";
import { type ArchiveRow, rowOf } from "./archive-row.ts";
import { type ArchiveShelf, compareBy, selectRows, sortRows } from "./select.ts";
import type { ArchiveSelection, SelectedArchives } from "./types.ts";

/**
 * The archives of a store, chosen and sorted in memory: a page then costs as much with many archives as with few. Each call first asks
 * the store what has changed, so no answer is older than its question.
 */
export interface ArchiveIndex {
  /** @param count how many archives from a place of the selection on; all where absent */
  select(selection: ArchiveSelection, from?: number, count?: number): Promise<SelectedArchives>;
  /** The ids of a selection, in its order. */
  ids(selection: ArchiveSelection): Promise<string[]>;
  /** Forgets all. */
  close(): void;
}

export interface ArchiveIndexOptions {
  /** Milliseconds after the last call in which it stays in memory. */
  idleMs?: number;
}

const IDLE_MS = 10 * 60_000;

/** Selections that are kept until something changes: the pages of a list are read one after the other. */
const KEPT_SELECTIONS = 8;

/** Archives that are read from the store at once. */
const READ_AT_ONCE = 250;

/** How often a page is read again because an archive of it was deleted meanwhile. */
const TRIES = 3;

type Source = Pick<ArchiveStore, "page" | "changes" | "some">;
type Orders = ReadonlyMap<ArchiveSort, readonly ArchiveRow[]>;

/** The archives as of one position of the store's changes. It never changes, but for what was computed of it. */
interface Snapshot extends ArchiveShelf {
  readonly position: string;
  readonly byId: ReadonlyMap<string, ArchiveRow>;
  readonly orders: Orders;
  select(selection: ArchiveSelection): Promise<readonly ArchiveRow[]>;
}

/** The archives of some ids, read in parts, in any order. */
async function* readSome({ some }: Source, ids: readonly string[]): AsyncGenerator<PlacedArchive> {
  for (let n = 0; n < ids.length; n += READ_AT_ONCE) {
    if (n > 0) await setImmediate();
    yield* await some(ids.slice(n, n + READ_AT_ONCE));
  }
}

const recordsOf = async (
  source: Source,
  rows: readonly Pick<ArchiveRow, "id">[],
): Promise<ArchiveRecord[]> => {
  const ids = rows.map(({ id }) => id);
  const found = new Map<string, ArchiveRecord>();
  for await (const { archive } of readSome(source, ids)) found.set(archive.id, archive);
  return ids.flatMap((id) => found.get(id) ?? []);
};

const createSnapshot = (
  source: Source,
  state: Pick<Snapshot, "position" | "rows" | "byId"> & { orders?: Orders },
): Snapshot => {
  const { rows } = state;
  const orders = new Map(state.orders);
  const sorting = new Map<ArchiveSort, Promise<readonly ArchiveRow[]>>();
  const selected = new Map<string, Promise<readonly ArchiveRow[]>>();

  const sorted = async (sort: ArchiveSort): Promise<readonly ArchiveRow[]> => {
    const known = orders.get(sort);
    if (known) return known;
    const work = sorting.get(sort) ?? sortRows(rows, sort);
    sorting.set(sort, work);
    const result = await work.finally(() => sorting.delete(sort));
    orders.set(sort, result);
    return result;
  };
  const shelf: ArchiveShelf = { rows, sorted, records: (some) => recordsOf(source, some) };
  const select = (selection: ArchiveSelection): Promise<readonly ArchiveRow[]> => {
    if (selection.among) return selectRows(shelf, selection);
    const key = JSON.stringify(Object.entries(selection).sort(([a], [b]) => (a < b ? -1 : 1)));
    const found = selected.get(key) ?? selectRows(shelf, selection);
    selected.delete(key);
    selected.set(key, found);
    found.catch(() => selected.delete(key));
    const [oldest] = selected.keys();
    if (selected.size > KEPT_SELECTIONS && oldest !== undefined) selected.delete(oldest);
    return found;
  };
  return { ...shelf, ...state, orders, select };
};

const readAll = async (source: Source): Promise<Snapshot> => {
  const { position } = await source.changes();
  const rows: ArchiveRow[] = [];
  const byId = new Map<string, ArchiveRow>();
  for await (const page of pagesOfArchives(source)) {
    for (const row of page.map(rowOf)) {
      rows.push(row);
      byId.set(row.id, row);
    }
  }
  // An archive that was deleted and added again during the reading was read at both places.
  const once =
    byId.size === rows.length ? rows : await filterInTurns(rows, (row) => byId.get(row.id) === row);
  return createSnapshot(source, { position, rows: once, byId });
};

/** Sorted rows, without some of them, and with others at their places. Few rows cost little however many there are. */
const replaceRows = (
  rows: readonly ArchiveRow[],
  gone: readonly ArchiveRow[],
  fresh: readonly ArchiveRow[],
  compare: (a: ArchiveRow, b: ArchiveRow) => number,
): ArchiveRow[] => {
  const cuts = [
    ...gone.map((row) => ({ row, isGone: true })),
    ...fresh.map((row) => ({ row, isGone: false })),
  ];
  const parts: (readonly ArchiveRow[])[] = [];
  let from = 0;
  for (const { row, isGone } of cuts.sort((a, b) => compare(a.row, b.row))) {
    let [low, high] = [from, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(rows[middle] as ArchiveRow, row) < 0) low = middle + 1;
      else high = middle;
    }
    parts.push(rows.slice(from, low), isGone ? [] : [row]);
    from = isGone ? low + 1 : low;
  }
  return ([] as ArchiveRow[]).concat(...parts, rows.slice(from));
};

/** Changes beside which it is faster to read and sort all. */
const isMany = (changed: number, all: number): boolean => changed > Math.max(100, Math.min(all / 8, 2000));

const byPlace = (a: ArchiveRow, b: ArchiveRow): number => a.place - b.place;

const applied = async (
  source: Source,
  before: Snapshot,
  { position, ids }: { position: string; ids: readonly string[] },
): Promise<Snapshot> => {
  if (ids.length === 0) return before;
  const changed = new Set(ids);
  const fresh: ArchiveRow[] = [];
  for await (const placed of readSome(source, [...changed])) fresh.push(rowOf(placed));
  const gone = [...changed].flatMap((id) => before.byId.get(id) ?? []);
  const rows = replaceRows(before.rows, gone, fresh, byPlace);
  const orders = new Map<ArchiveSort, readonly ArchiveRow[]>();
  for (const [sort, order] of before.orders) {
    await setImmediate();
    orders.set(sort, replaceRows(order, gone, fresh, compareBy(sort)));
  }
  // Only the newest snapshot asks for rows by their ids.
  const byId = before.byId as Map<string, ArchiveRow>;
  for (const id of changed) byId.delete(id);
  for (const row of fresh) byId.set(row.id, row);
  return createSnapshot(source, { position, rows, byId, orders });
};

const readWhole = async (source: Source): Promise<Snapshot> => {
  const read = await readAll(source);
  const { position, ids } = await source.changes(read.position);
  return ids === undefined ? readWhole(source) : applied(source, read, { position, ids });
};

/** @param source where the archives are */
export const createArchiveIndex = (
  source: Source,
  { idleMs = IDLE_MS }: ArchiveIndexOptions = {},
): ArchiveIndex => {
  let kept: Snapshot | undefined;
  let idle: NodeJS.Timeout | undefined;

  const forget = (): void => {
    clearTimeout(idle);
    kept = undefined;
  };
  const bringUpToDate = async (): Promise<Snapshot> => {
    const before = kept;
    kept = undefined;
    const changes = before && (await source.changes(before.position));
    const { position = "", ids } = changes ?? {};
    kept =
      before && ids && !isMany(ids.length, before.rows.length)
        ? await applied(source, before, { position, ids })
        : await readWhole(source);
    return kept;
  };
  const upToDate = coalesce(bringUpToDate);
  const current = async (): Promise<Snapshot> => {
    clearTimeout(idle);
    const snapshot = await upToDate.next();
    clearTimeout(idle);
    idle = setTimeout(forget, idleMs).unref();
    return snapshot;
  };

  return {
    async select(selection, from = 0, count) {
      for (let tries = 1; ; tries++) {
        const found = await (await current()).select(selection);
        const part = found.slice(from, count === undefined ? found.length : from + count);
        const items = await recordsOf(source, part);
        if (items.length === part.length || tries === TRIES) return { total: found.length, items };
      }
    },
    ids: async (selection) => (await (await current()).select(selection)).map(({ id }) => id),
    close: forget,
  };
};
