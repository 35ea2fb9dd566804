import { createHash, randomUUID } from "node:crypto";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { type EntryPlace, offsetsOf, readEntry } from "../catalog-entry.ts";
import type { CatalogRow, CatalogStore, ReadIndex } from "../types.ts";
import {
  FINGERPRINT,
  fieldsOf,
  IS_OURS,
  packRows,
  type StoredIndex,
  toIndex,
  unpackRows,
} from "./catalog-record.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { type KeyTypes, unlessWrongType } from "./records.ts";
import { UPDATED } from "./registry-record.ts";
import { LOG_CHANGE, script } from "./script.ts";
import { TRUST, trustArgs } from "./trust.ts";

export interface CatalogStoreOptions {
  readIndex: ReadIndex;
  /** Epoch seconds. */
  now: () => number;
}

/** Seconds after which Redis removes an upload that did not become an index. */
const INCOMING_LIFE = 3600;

const keysOf = (id: string) => ({
  registry: id,
  document: names.document(id),
  index: names.index(id),
  rows: names.rows(id),
  reading: names.reading(id),
});

const typesOf = (id: string): KeyTypes => ({
  [names.document(id)]: "string",
  [names.index(id)]: "hash",
  [names.rows(id)]: "string",
  [names.reading(id)]: "string",
});

const HEAD = `${FINGERPRINT} ${IS_OURS}
  local function move(from, to)
    redis.call('RENAME', from, to)
    redis.call('PERSIST', to)
  end
  local function setIndex(print)
    redis.call('HSET', key.index, 'fingerprint', print, 'generation', redis.call('HINCRBY', '${names.counts}', 'index', 1),
      unpack(arg.fields))
  end
`;

/** Nothing, "external" with the document's fingerprint, or "ours" with the index's fields. */
const STATE = script(`${HEAD}
  local index, stored = redis.call('HGETALL', key.index), {}
  for i = 1, #index, 2 do stored[index[i]] = index[i + 1] end
  if stored.sha256 then return {'ours', index} end
  if isPinned(key.registry) then return false end
  if redis.call('EXISTS', key.document) == 0 then return false end
  local print = fingerprint(key.document)
  local isChanged = arg.compareAll and stored.sha1 ~= redis.sha1hex(redis.call('GET', key.document))
  if isChanged or stored.fingerprint ~= print then return {'external', print} end
  return {'ours', index}
`);

/** A signed document is there twice: LANraragi may replace its own. */
const REPLACE = script(`${HEAD} ${LOG_CHANGE} ${TRUST}
  ${UPDATED}
  local refusal = nil
  if updatedOf(key.registry) ~= tonumber(arg.updated) then refusal = 'gone'
  elseif key.lock and redis.call('GET', key.lock) ~= arg.token then refusal = 'lost'
  elseif arg.fingerprint and not setTrust(arg.fingerprint, arg.expected, arg.next, arg.text) then refusal = 'changed' end
  if refusal then
    for _, upload in ipairs(key.uploads) do redis.call('DEL', upload) end
    return refusal
  end
  if arg.pin or arg.unpin then setPin(key.registry, arg.pin) end
  for _, forgotten in ipairs(key.forgotten or {}) do redis.call('DEL', forgotten) end
  if key.seen then
    if arg.seenHow == 'replace' then redis.call('DEL', key.seen) end
    local type = redis.call('TYPE', key.seen).ok
    if type == 'string' or type == 'none' then redis.call('APPEND', key.seen, arg.seenLines) end
  end
  if arg.dropDetails then redis.call('DEL', key.details) end
  if key.newDetails then move(key.newDetails, key.details) end
  move(key.newDocument, key.document)
  move(key.newRows, key.rows)
  redis.call('DEL', key.index, key.reading)
  if key.newReading then move(key.newReading, key.reading) end
  setIndex(fingerprint(key.document))
  logChange('registry:' .. key.registry)
  return 'done'
`);

/** Makes an index of a document that LANraragi cached, unless it was replaced meanwhile. */
const ADOPT = script(`${HEAD} ${LOG_CHANGE}
  if fingerprint(key.document) ~= arg.fingerprint then
    redis.call('DEL', key.newRows, key.newReading)
    return
  end
  move(key.newRows, key.rows)
  redis.call('DEL', key.index, key.reading)
  if redis.call('EXISTS', key.newReading) == 1 then move(key.newReading, key.reading) end
  setIndex(arg.fingerprint)
  logChange('registry:' .. arg.id)
`);

const TOUCH = script(`${LOG_CHANGE}
  if redis.call('EXISTS', key.index) == 0 then return end
  redis.call('HSET', key.index, 'refreshed', arg.refreshed)
  logChange('registries')
`);

/** Reads in one generation; false if there is another by now. */
const inGeneration = (read: string) =>
  script(`${HEAD}
    local generation, read, signed, print = unpack(redis.call('HMGET', key.index, 'generation', 'read', 'sha256', 'fingerprint'))
    if generation ~= arg.generation or not isOurPrint(key.registry, key.document, signed, print) then return false end
    local text = read == '1' and key.reading or key.document
    return ${read} or ''
  `);
const ROWS = inGeneration("redis.call('GET', key.rows)");
const DOCUMENT = inGeneration("redis.call('GET', text)");
const ENTRY = inGeneration("redis.call('GETRANGE', text, arg.from, arg.to)");

type Offsets = ReadonlyMap<string, EntryPlace>;

const sha1Of = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

/**
 * The cached indexes of a Redis. The document is LANraragi's `REG_INDEX_…`. If LANraragi wrote it, the rest of the index is made
 * from it at the first read.
 */
export const createCatalogStore = (
  connection: Connection,
  { readIndex, now }: CatalogStoreOptions,
): CatalogStore => {
  const cached = new Map<string, { generation: string; offsets: Offsets }>();
  const compared = new Set<string>();
  /** The fingerprints of external documents that cannot be used, by registry. */
  const unusable = new Map<string, string>();

  const upload = async (bytes: Buffer): Promise<string> => {
    const key = names.incoming(randomUUID());
    await connection.command("SET", key, bytes, "EX", INCOMING_LIFE);
    return key;
  };

  const adopt = async (id: string, fingerprint: string): Promise<void> => {
    const bytes = (await connection.bytes("GET", names.document(id))) as Buffer | null;
    const index = bytes && (await readIndex(bytes));
    if (!bytes || !index) return void unusable.set(id, fingerprint);
    const { document, rows, meta } = index;
    const same = document.equals(bytes);
    const newRows = await upload(await packRows(rows));
    const newReading = same ? names.incoming(randomUUID()) : await upload(document);
    const fields = {
      ...fieldsOf({ ...meta, refreshed: Math.floor(now()) }),
      sha1: sha1Of(bytes),
      read: same ? "0" : "1",
    };
    const args = { fingerprint, id, fields: Object.entries(fields).flat() };
    await connection.run(ADOPT, { ...keysOf(id), newRows, newReading }, args);
  };

  /** The current index of a registry. An external document is adopted first. */
  const current = async (id: string): Promise<StoredIndex | undefined> => {
    for (;;) {
      const state = await unlessWrongType<unknown>(connection, typesOf(id), null, () =>
        connection.run(STATE, keysOf(id), { compareAll: !compared.has(id) }),
      );
      if (state === null) return undefined;
      const [origin, content] = state as ["external", string] | ["ours", string[]];
      compared.add(id);
      if (origin === "ours") return toIndex(connection.bad, id, content);
      if (unusable.get(id) === content) return undefined;
      await adopt(id, content);
    }
  };

  /** Reads in the current generation, and again if another one replaced it meanwhile. */
  const readCurrent = async <T>(
    id: string,
    read: (index: StoredIndex) => Promise<T | null>,
  ): Promise<T | undefined> => {
    for (;;) {
      const index = await current(id);
      if (index === undefined) return undefined;
      const content = await read(index);
      if (content !== null) return content;
    }
  };

  const rowsIn = async (id: string, { generation }: StoredIndex): Promise<CatalogRow[] | null> => {
    const packed = await unlessWrongType<string | null>(connection, typesOf(id), "", () =>
      connection.run(ROWS, keysOf(id), { generation }),
    );
    return packed === null ? null : unpackRows(connection.bad, names.rows(id), packed);
  };

  const documentIn = async (id: string, { generation }: StoredIndex): Promise<Buffer | null> =>
    (await unlessWrongType<unknown>(connection, typesOf(id), Buffer.alloc(0), () =>
      connection.runForBytes(DOCUMENT, keysOf(id), { generation }),
    )) as Buffer | null;

  const detailsOf = async (id: string): Promise<Buffer | undefined> => {
    const key = names.details(id);
    const read = () => connection.bytes("GET", key) as Promise<Buffer | null>;
    return (await unlessWrongType<Buffer | null>(connection, { [key]: "string" }, null, read)) ?? undefined;
  };

  const cacheOffsets = async (id: string): Promise<void> => {
    cached.delete(id);
    await readCurrent(id, async (index) => {
      const rows = await rowsIn(id, index);
      if (rows === null) return null;
      cached.set(id, { generation: index.generation, offsets: await offsetsOf(rows) });
      return true;
    });
  };

  /** Takes one round trip if this process has the offsets of the current generation. */
  const entryText = async (id: string, namespace: Namespace): Promise<string | undefined> => {
    for (let held = cached.get(id); ; held = cached.get(id)) {
      const at = held?.offsets.get(namespace);
      // The empty range of an unknown namespace still tells whether the generation is current.
      const [from, to] = at ? [at.start, at.start + at.length - 1] : [1, 0];
      const text =
        held &&
        (await unlessWrongType<unknown>(connection, typesOf(id), "", () =>
          connection.run(ENTRY, keysOf(id), { generation: held?.generation, from, to }),
        ));
      if (typeof text === "string") return at ? text : undefined;
      await cacheOffsets(id);
      if (!cached.has(id)) return undefined;
    }
  };

  const replace: CatalogStore["replace"] = async (id, updated, meta, document, rows, under, change = {}) => {
    const { state, pin, details, seen, forgotten = [] } = change;
    const isSigned = meta.sha256 !== undefined;
    const uploads = {
      newDocument: await upload(document),
      newReading: isSigned && (await upload(document)),
      newRows: await upload(await packRows(rows)),
      newDetails: details && (await upload(details)),
    };
    const keys = {
      ...keysOf(id),
      ...uploads,
      uploads: Object.values(uploads).filter((key) => typeof key === "string"),
      details: names.details(id),
      lock: under && names.lock(under.key),
      seen: seen && names.seenVersions(seen.owner),
      forgotten: forgotten.map(names.seenVersions),
    };
    const read = isSigned ? { read: "1" } : {};
    const answer = await connection.run(REPLACE, keys, {
      updated,
      token: under?.token,
      fields: Object.entries({ ...fieldsOf(meta), sha1: sha1Of(document), ...read }).flat(),
      ...(state && trustArgs(state.next, state.expected)),
      pin: pin && JSON.stringify(pin),
      unpin: pin === null,
      dropDetails: details === null,
      ...(seen && { seenHow: seen.how, seenLines: seen.lines }),
    });
    if (answer === "gone") throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    if (answer === "lost") throw new HitagiError("LOCK_LOST", { what: `registry:${id}` });
    if (answer === "changed") throw new HitagiError("TRUST_CHANGED");
  };

  return {
    replace: (...given) => connection.track(() => replace(...given)),
    touch: async (id, refreshed) =>
      void (await connection.run(TOUCH, { index: names.index(id) }, { refreshed })),
    meta: async (id) => (await current(id))?.meta,
    summaries: async (id) => {
      const rows = await readCurrent(id, (index) => rowsIn(id, index));
      return rows?.map(({ summary }) => summary) ?? [];
    },
    entry: async (id, namespace) => {
      const text = await entryText(id, namespace);
      return text === undefined ? undefined : readEntry(connection.bad, id, namespace, text);
    },
    document: (id) => readCurrent(id, (index) => documentIn(id, index)),
    details: (id) => detailsOf(id),
    index: (id) =>
      readCurrent(id, async (index) => {
        const [document, rows] = [await documentIn(id, index), await rowsIn(id, index)];
        const details = await detailsOf(id);
        return document && rows && { document, rows, meta: index.meta, ...(details && { details }) };
      }),
  };
};
