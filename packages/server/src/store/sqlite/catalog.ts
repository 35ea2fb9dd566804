import { HitagiError, type SkippedEntry } from "@hitagi/contract";
import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import { type EntryPlace, offsetsOf, readEntry } from "../catalog-entry.ts";
import { IndexMeta } from "../contract/catalog.ts";
import { linePieces } from "../line-pieces.ts";
import type { CatalogStore, IndexChange, Lock } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { Generations, IndexFiles } from "./generations.ts";
import { seenLineChanges } from "./seen-versions.ts";
import { recordsOf, type Table } from "./table.ts";
import { trustChanges } from "./trust.ts";

/** The skipped entries of a cached index, from its columns; no fields if there are none. */
export const skippedOf = (
  list: string | null,
  count: number | null,
): Pick<IndexMeta, "skipped" | "skippedCount"> =>
  list !== null && count ? { skipped: JSON.parse(list) as SkippedEntry[], skippedCount: count } : {};

/** SQL: whether an index may be read. Of a pinned registry only a signed one may. @param of the alias of the table of indexes */
export const isReadable = (of: string): string =>
  `(${of}.sha256 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM registry_pins p WHERE p.registry = ${of}.registry))`;

/** The index of a registry, and the generation of its files. */
const indexes: Table<{ registry: string; generation: number; meta: IndexMeta }> = {
  name: "catalog_indexes",
  columns:
    "registry, generation, generated_at, etag, last_modified, refreshed, plugins, skipped, skipped_count, sha256",
  key: "registry",
  order: { registry: "" },
  check: recordCheck(Type.Object({ registry: Type.String(), generation: Type.Integer(), meta: IndexMeta })),
  fromRow: ({ registry, generation, etag, last_modified, skipped, skipped_count, sha256, ...row }) => ({
    registry,
    generation,
    meta: {
      ...row,
      ...(etag !== null && { etag }),
      ...(last_modified !== null && { lastModified: last_modified }),
      ...(sha256 !== null && { sha256 }),
      ...skippedOf(skipped as string | null, skipped_count as number | null),
    },
  }),
};

const statements = ({ prepare, change }: Connection) => ({
  registry: prepare("SELECT 1 FROM registries WHERE id = ? AND updated = ?"),
  flip: prepare(`INSERT OR REPLACE INTO catalog_indexes
    (registry, generation, generated_at, etag, last_modified, refreshed, plugins, skipped, skipped_count, sha256, synced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`),
  touch: change("UPDATE catalog_indexes SET refreshed = ? WHERE registry = ?", "relaxed"),
});

type Offsets = ReadonlyMap<string, EntryPlace>;

/**
 * The cached indexes of a SQLite store. An index is written as a new generation; one small change then assigns it to the registry,
 * and the old generation is removed in the background. All changes are relaxed: a power cut may restore the index before.
 */
export const createCatalogStore = (
  connection: Connection,
  files: IndexFiles,
  generations: Generations,
  isHeld: (lock: Lock) => boolean,
): CatalogStore => {
  const sql = statements(connection);
  const find = recordsOf(connection, indexes).one(`WHERE registry = ? AND ${isReadable("catalog_indexes")}`);
  const trust = trustChanges(connection);
  const seenLines = seenLineChanges(connection);
  const cached = new Map<string, { generation: number; offsets: Offsets }>();

  /** In a transaction: what becomes valid together with an index. */
  const applyChange = (id: string, { state, pin, seen, forgotten = [] }: IndexChange): void => {
    if (state && !trust.set(state.next, state.expected)) throw new HitagiError("TRUST_CHANGED");
    if (pin !== undefined) trust.setPin(id, pin ?? undefined);
    for (const owner of forgotten) seenLines.forget(owner);
    if (!seen) return;
    if (seen.how === "replace") seenLines.forget(seen.owner);
    for (const piece of linePieces(seen.lines)) seenLines.add(seen.owner, piece);
  };

  const flip = (
    id: string,
    updated: number,
    generation: number,
    meta: IndexMeta,
    under: Lock | undefined,
    change: IndexChange,
  ): Promise<void> =>
    connection.write(
      () => {
        if (under && !isHeld(under)) throw new HitagiError("LOCK_LOST", { what: under.key });
        if (!sql.registry.get(id, updated)) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
        applyChange(id, change);
        const { generated_at, etag = null, lastModified = null, refreshed, plugins } = meta;
        const { skipped = [], skippedCount = 0, sha256 = null } = meta;
        const left = [JSON.stringify(skipped), skippedCount, sha256];
        sql.flip.run(id, generation, generated_at, etag, lastModified, refreshed, plugins, ...left);
        // An accepted state must not be lost, so that no earlier one is accepted after it.
      },
      change.state ? "durable" : "relaxed",
    );

  /**
   * Reads in the current generation, and again if it was replaced and removed meanwhile.
   * @throws HitagiError STORE_FAILED if the files of the current generation are gone
   */
  const readCurrent = async <T>(
    id: string,
    read: (generation: number) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    for (let last: number | undefined; ; ) {
      const generation = (await find(id))?.generation;
      if (generation === undefined) {
        cached.delete(id);
        return undefined;
      }
      const content = await read(generation);
      if (content !== undefined) return content;
      if (generation === last) {
        throw new HitagiError("STORE_FAILED", { reason: "the file of a cached index is gone" });
      }
      last = generation;
    }
  };

  const offsetsIn = async (id: string, generation: number): Promise<Offsets | undefined> => {
    const held = cached.get(id);
    if (held?.generation === generation) return held.offsets;
    const rows = await files.rows(generation);
    if (rows === undefined) return undefined;
    const offsets = await offsetsOf(rows);
    cached.set(id, { generation, offsets });
    return offsets;
  };

  const detailsOf = async (id: string): Promise<Buffer | undefined> => {
    // Empty where it has none: undefined would say that the generation is gone.
    const read = async (generation: number) => (await files.details(generation)) ?? Buffer.alloc(0);
    const details = await readCurrent(id, read);
    return details?.length ? details : undefined;
  };

  return {
    replace: (id, updated, meta, document, rows, under, change = {}) =>
      generations.write(async (generation) => {
        const details = change.details === undefined ? await detailsOf(id) : change.details;
        await files.write(generation, document, rows, details?.length ? details : undefined);
        await flip(id, updated, generation, meta, under, change);
      }),
    details: detailsOf,
    touch: async (id, refreshed) => void (await sql.touch(refreshed, id)),
    meta: async (id) => (await find(id))?.meta,
    summaries: async (id) => {
      const rows = await readCurrent(id, (generation) => files.rows(generation));
      return rows?.map(({ summary }) => summary) ?? [];
    },
    entry: async (id, namespace) => {
      // "" for a namespace that the index does not have.
      const text = await readCurrent(id, async (generation) => {
        const offsets = await offsetsIn(id, generation);
        const place = offsets?.get(namespace);
        return place ? files.entry(generation, place) : offsets && "";
      });
      return text ? readEntry(connection.bad, id, namespace, text) : undefined;
    },
    document: (id) => readCurrent(id, (generation) => files.document(generation)),
    index: (id) =>
      readCurrent(id, async (generation) => {
        const [document, rows] = [await files.document(generation), await files.rows(generation)];
        const details = await files.details(generation);
        const found = await find(id);
        return document && rows && found?.generation === generation
          ? { document, rows, meta: found.meta, ...(details && { details }) }
          : undefined;
      }),
  };
};
