import { createHash, randomUUID } from "node:crypto";
import { HitagiError, type IndexPlugin, type Namespace } from "@hitagi/contract";
import type { CatalogRow, CatalogStore, ReadIndex } from "../types.ts";
import { fieldsOf, metaOf } from "./catalog-meta.ts";
import { packRows, unpackRows } from "./catalog-rows.ts";
import { CHANGED } from "./changed.ts";
import { type Connection, script } from "./connection.ts";
import { FINGERPRINT } from "./fingerprint.ts";
import { names } from "./names.ts";
import { UPDATED } from "./registry-record.ts";
import { toMap } from "./reply.ts";

export interface CatalogStoreOptions {
  readIndex: ReadIndex;
  /** Epoch seconds. */
  now: () => number;
}

/** Seconds after which an upload that no registry took is gone by itself. */
const INCOMING_LIFE = 3600;

/** KEYS of every script: the document, the index, the rows, our reading. */
const keysOf = (id: string): string[] => [
  names.document(id),
  names.index(id),
  names.rows(id),
  names.reading(id),
];

const HEAD = `${FINGERPRINT}
  local function isOurs() return redis.call('HGET', KEYS[2], 'fingerprint') == fingerprint(KEYS[1]) end
  local function text() return redis.call('HGET', KEYS[2], 'read') == '1' and KEYS[4] or KEYS[1] end
`;

/**
 * What there is: nothing, "foreign" with the document's fingerprint, or "ours" with the index's fields. ARGV[1] is 1 to
 * compare the whole document.
 */
const STATE = script(`${HEAD}
  if redis.call('EXISTS', KEYS[1]) == 0 then return false end
  local whole = ARGV[1] == '1' and redis.sha1hex(redis.call('GET', KEYS[1])) or false
  if not isOurs() or (whole and redis.call('HGET', KEYS[2], 'sha1') ~= whole) then return {'foreign', fingerprint(KEYS[1])} end
  return {'ours', redis.call('HGETALL', KEYS[2])}
`);

/**
 * KEYS[5], [6]: the new document and rows; [7]: the registry; [8]: the counts; [9]: the lock, if it is made under one. ARGV:
 * \`updated\`, the lock's token, then the fields.
 */
const FLIP = script(`${HEAD} ${CHANGED}
  ${UPDATED}
  local gone = updatedOf(KEYS[7]) ~= tonumber(ARGV[1]) and 'gone'
  local refused = gone or (KEYS[9] and redis.call('GET', KEYS[9]) ~= ARGV[2] and 'lost')
  if refused then
    redis.call('DEL', KEYS[5], KEYS[6])
    return refused
  end
  redis.call('RENAME', KEYS[5], KEYS[1]) redis.call('PERSIST', KEYS[1])
  redis.call('RENAME', KEYS[6], KEYS[3]) redis.call('PERSIST', KEYS[3])
  redis.call('DEL', KEYS[2], KEYS[4])
  redis.call('HSET', KEYS[2], 'fingerprint', fingerprint(KEYS[1]), 'generation', redis.call('HINCRBY', KEYS[8], 'index', 1),
    unpack(ARGV, 3))
  changed('registry:' .. KEYS[7])
  return 'done'
`);

/**
 * KEYS[5], [6]: rows and our reading of a foreign document; [7]: the counts. ARGV: its fingerprint, the registry, then the
 * fields.
 */
const ADOPT = script(`${HEAD} ${CHANGED}
  if fingerprint(KEYS[1]) ~= ARGV[1] then
    redis.call('DEL', KEYS[5], KEYS[6])
    return 0
  end
  redis.call('RENAME', KEYS[5], KEYS[3]) redis.call('PERSIST', KEYS[3])
  redis.call('DEL', KEYS[2], KEYS[4])
  if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('RENAME', KEYS[6], KEYS[4]) redis.call('PERSIST', KEYS[4]) end
  redis.call('HSET', KEYS[2], 'fingerprint', ARGV[1], 'generation', redis.call('HINCRBY', KEYS[7], 'index', 1), unpack(ARGV, 3))
  changed('registry:' .. ARGV[2])
  return 1
`);

const TOUCH = script(
  `if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'refreshed', ARGV[1]) end`,
);

/** Reads in the generation ARGV[1]; false where there is another by now. */
const inGeneration = (read: string) =>
  script(`${HEAD}
    if redis.call('HGET', KEYS[2], 'generation') ~= ARGV[1] or not isOurs() then return false end
    return ${read}
  `);
const ROWS = inGeneration("redis.call('GET', KEYS[3])");
const DOCUMENT = inGeneration("redis.call('GET', text())");
const ENTRY = inGeneration("redis.call('GETRANGE', text(), ARGV[2], ARGV[3])");

type Fields = ReadonlyMap<string, string>;
/** Where each entry of a generation stands. A copy in this process, which the generation's number holds to what is there. */
type Places = ReadonlyMap<string, Pick<CatalogRow, "start" | "length">>;

const sha1Of = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");
const generationOf = (fields: Fields): string => fields.get("generation") ?? "";

/**
 * The cached indexes of a Redis. The document is LANraragi's `REG_INDEX_…`; where it was not Hitagi that wrote what is
 * there, the rest is made from it when it is first wanted.
 */
export const createCatalogStore = (
  connection: Connection,
  { readIndex, now }: CatalogStoreOptions,
): CatalogStore => {
  const known = new Map<string, { generation: string; places: Places }>();
  const compared = new Set<string>();
  /** Foreign documents of which nothing could be used, by their fingerprints. */
  const useless = new Map<string, string>();

  const upload = async (bytes: Buffer): Promise<string> => {
    const key = names.incoming(randomUUID());
    await connection.command("SET", key, bytes, "EX", INCOMING_LIFE);
    return key;
  };

  const adopt = async (id: string, fingerprint: string): Promise<void> => {
    const bytes = (await connection.bytes("GET", names.document(id))) as Buffer | null;
    const index = bytes && (await readIndex(bytes));
    if (!bytes || !index) return void useless.set(id, fingerprint);
    const { document, rows, meta } = index;
    const same = document.equals(bytes);
    const packed = await upload(await packRows(rows));
    const text = same ? names.incoming(randomUUID()) : await upload(document);
    const fields = {
      ...fieldsOf({ ...meta, refreshed: Math.floor(now()) }),
      sha1: sha1Of(bytes),
      read: same ? "0" : "1",
    };
    const args = [fingerprint, id, ...Object.entries(fields).flat()];
    await connection.run(ADOPT, [...keysOf(id), packed, text, names.counts], args);
  };

  /** The fields of the index that a registry has; a foreign one is read first. */
  const current = async (id: string): Promise<Fields | undefined> => {
    for (;;) {
      const state = await connection.run(STATE, keysOf(id), [compared.has(id) ? 0 : 1]);
      if (state === null) return undefined;
      const [whose, what] = state as ["foreign", string] | ["ours", string[]];
      compared.add(id);
      if (whose === "ours") return toMap(what);
      if (useless.get(id) === what) return undefined;
      await adopt(id, what);
    }
  };

  /** Reads in the generation that a registry has, and looks again where another took its place meanwhile. */
  const readCurrent = async <T>(
    id: string,
    read: (fields: Fields) => Promise<T | null>,
  ): Promise<T | undefined> => {
    for (;;) {
      const fields = await current(id);
      if (fields === undefined) return undefined;
      const content = await read(fields);
      if (content !== null) return content;
    }
  };

  const rowsIn = async (id: string, fields: Fields): Promise<CatalogRow[] | null> => {
    const packed = (await connection.run(ROWS, keysOf(id), [generationOf(fields)])) as string | null;
    return packed === null ? null : unpackRows(packed);
  };

  const documentIn = async (id: string, fields: Fields): Promise<Buffer | null> =>
    (await connection.runForBytes(DOCUMENT, keysOf(id), [generationOf(fields)])) as Buffer | null;

  const learn = async (id: string): Promise<void> => {
    known.delete(id);
    await readCurrent(id, async (fields) => {
      const rows = await rowsIn(id, fields);
      if (rows === null) return null;
      const places = new Map(
        rows.map(({ summary, start, length }) => [summary.namespace, { start, length }]),
      );
      known.set(id, { generation: generationOf(fields), places });
      return true;
    });
  };

  /** Where this process knows the generation that is there, one round trip. */
  const entryText = async (id: string, namespace: Namespace): Promise<string | undefined> => {
    for (let held = known.get(id); ; held = known.get(id)) {
      const place = held?.places.get(namespace);
      const range = place ? [place.start, place.start + place.length - 1] : [0, -1];
      // A namespace that is not known is asked for as well, to see whether the generation is still there.
      const args = place ? range : [1, 0];
      const text =
        held && ((await connection.run(ENTRY, keysOf(id), [held.generation, ...args])) as string | null);
      if (held && text !== null) return place ? text : undefined;
      await learn(id);
      if (!known.has(id)) return undefined;
    }
  };

  const replace: CatalogStore["replace"] = async (id, updated, meta, document, rows, under) => {
    const [incoming, packed] = [await upload(document), await upload(await packRows(rows))];
    const fields = { ...fieldsOf(meta), sha1: sha1Of(document) };
    const lock = under ? [names.lock(under.key)] : [];
    const keys = [...keysOf(id), incoming, packed, id, names.counts, ...lock];
    const args = [updated, under?.token ?? "", ...Object.entries(fields).flat()];
    const answer = await connection.run(FLIP, keys, args);
    if (answer === "gone") throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    if (answer === "lost") throw new HitagiError("LOCK_LOST", { what: `registry:${id}` });
  };

  return {
    replace: (...given) => connection.whole(() => replace(...given)),
    touch: async (id, refreshed) => void (await connection.run(TOUCH, [names.index(id)], [refreshed])),
    meta: async (id) => {
      const fields = await current(id);
      return fields && metaOf(fields);
    },
    summaries: async (id) => {
      const rows = await readCurrent(id, (fields) => rowsIn(id, fields));
      return rows?.map(({ summary }) => summary) ?? [];
    },
    entry: async (id, namespace) => {
      const text = await entryText(id, namespace);
      return text === undefined ? undefined : (JSON.parse(text) as IndexPlugin);
    },
    document: (id) => readCurrent(id, (fields) => documentIn(id, fields)),
    index: (id) =>
      readCurrent(id, async (fields) => {
        const [document, rows] = [await documentIn(id, fields), await rowsIn(id, fields)];
        return document && rows && { document, rows, meta: metaOf(fields) };
      }),
  };
};
