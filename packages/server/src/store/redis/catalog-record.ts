import type { SkippedEntry } from "@hitagi/contract";
import { type BadRecords, recordCheck, Undecodable } from "../bad-records.ts";
import { readRow } from "../catalog-entry.ts";
import { IndexMeta } from "../contract/catalog.ts";
import type { CatalogRow } from "../types.ts";
import { names } from "./names.ts";
import { atKeys } from "./records.ts";
import { fromJson, toMap } from "./script.ts";

/** How a cached index was fetched, as the fields of its hash. */
export const fieldsOf = (meta: IndexMeta): Record<string, string> => {
  const { generated_at, etag, lastModified, refreshed, plugins, skipped, skippedCount, sha256 } = meta;
  return {
    generated_at,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    refreshed: String(refreshed),
    plugins: String(plugins),
    ...(sha256 !== undefined && { sha256 }),
    ...(skippedCount && { skipped: JSON.stringify(skipped ?? []), skippedCount: String(skippedCount) }),
  };
};

/** The inverse of {@link fieldsOf}. */
const metaOf = (fields: ReadonlyMap<string, string>): IndexMeta => {
  const [etag, lastModified, sha256] = ["etag", "lastModified", "sha256"].map((name) => fields.get(name));
  const skipped = fromJson<SkippedEntry[]>(fields.get("skipped"));
  return {
    generated_at: fields.get("generated_at") ?? "",
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(sha256 !== undefined && { sha256 }),
    refreshed: Number(fields.get("refreshed") ?? 0),
    plugins: Number(fields.get("plugins") ?? 0),
    ...(skipped && { skipped, skippedCount: Number(fields.get("skippedCount")) }),
  };
};

/** Rows that are written or read before other work gets its turn. */
const BATCH_ROWS = 1000;

/** The rows of an index, a line of JSON each. */
export const packRows = async (rows: readonly CatalogRow[]): Promise<Buffer> => {
  const lines: string[] = [];
  for (const [n, { summary, start, length }] of rows.entries()) {
    if (n % BATCH_ROWS === BATCH_ROWS - 1) await new Promise(setImmediate);
    lines.push(`${JSON.stringify([start, length, summary])}\n`);
  }
  return Buffer.from(lines.join(""));
};

export const unpackRows = async (bad: BadRecords, place: string, text: string): Promise<CatalogRow[]> => {
  const rows: CatalogRow[] = [];
  for (let at = 0; at < text.length; ) {
    if (rows.length % BATCH_ROWS === BATCH_ROWS - 1) await new Promise(setImmediate);
    const end = text.indexOf("\n", at) + 1 || text.length;
    const line = text.slice(at, end);
    const row = readRow(bad, place, () => {
      const [start, length, summary] = JSON.parse(line) as unknown[];
      return { start, length, summary };
    });
    if (row) rows.push(row);
    at = end;
  }
  return rows;
};

const metas = recordCheck(IndexMeta);

/** A cached index, and the generation of what is stored of it. */
export interface StoredIndex {
  generation: string;
  meta: IndexMeta;
}

/** An index out of its hash, as Redis answers it; undefined if it cannot be used. */
export const toIndex = (bad: BadRecords, id: string, reply: unknown): StoredIndex | undefined => {
  const fields = toMap(reply);
  const generation = fields.get("generation") ?? "";
  const meta = bad.read(
    metas,
    () => atKeys(names.index(id)),
    () => {
      // Reads compare it, and would repeat without end.
      if (!/^\d+$/.test(generation)) throw new Undecodable("generation is no number");
      return metaOf(fields);
    },
  );
  return meta && { generation, meta };
};

/**
 * Lua: `isOurIndex(registry, index, document)`, whether what is cached is what Hitagi stored. A signed index is not read from
 * LANraragi's document, so that a change there does not count. Of a pinned registry only a signed index counts. `isPinned(registry)`.
 * `isOurPrint` says the same of an index whose fields were read.
 */
export const IS_OURS = `
  local function isPinned(registry) return redis.call('HEXISTS', '${names.pins}', registry) == 1 end
  local function isOurPrint(registry, document, signed, print)
    return signed and true or not isPinned(registry) and print == fingerprint(document)
  end
  local function isOurIndex(registry, index, document)
    local signed, print = unpack(redis.call('HMGET', index, 'sha256', 'fingerprint'))
    return isOurPrint(registry, document, signed, print)
  end
`;

/**
 * Lua: `fingerprint(key)` of a cached registry.json: its length, its start and its end. `generated_at` is in one of these, because
 * only `version` and `plugins` are beside it, so that LANraragi's next index shows without reading the whole.
 */
export const FINGERPRINT = `
  local function fingerprint(key)
    return redis.sha1hex(redis.call('STRLEN', key) .. ':' .. redis.call('GETRANGE', key, 0, 1023)
      .. redis.call('GETRANGE', key, -1024, -1))
  end
`;
