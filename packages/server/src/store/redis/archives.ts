import { allArchives } from "../archive-pages.ts";
import { recordCheck } from "../bad-records.ts";
import { ArchiveRecord } from "../contract/archives.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { ArchiveChanges, ArchiveStore, PlacedArchive, SeenArchiveStore } from "../types.ts";
import type { StreamEntry } from "./client.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField, unlessWrongType, withId } from "./records.ts";
import { PAGE, script } from "./script.ts";

const [ARCHIVES, FILES, ORDER] = [names.archives, names.archiveFiles, names.archiveOrder];

/** Ids of changed archives that are remembered. Who missed more reads all. */
const REMEMBERED = 2000;

/**
 * Lua: notes the change of an archive; of several, if the id is empty. Call it before the change: it fails if the key has another type.
 * The ids of its entries are made of Redis' clock: a Redis that lost its last second gives none again. After an entry with the last
 * possible id the stream takes no other, and begins anew.
 */
const noting = (id: string): string => `
  local entry = {'XADD', '${names.archiveChanges}', 'MAXLEN', '~', ${REMEMBERED}, '*', 'id', ${id}}
  if type(redis.pcall(unpack(entry))) == 'table' then
    if redis.call('TYPE', '${names.archiveChanges}').ok == 'stream' then redis.call('DEL', '${names.archiveChanges}') end
    redis.call(unpack(entry))
  end
`;

const ADD = script(`
  if redis.call('HEXISTS', '${ARCHIVES}', arg.id) == 1 or redis.call('HEXISTS', '${FILES}', arg.file) == 1 then return 0 end
  ${noting("arg.id")}
  redis.call('HSET', '${ARCHIVES}', arg.id, arg.record)
  redis.call('HSET', '${FILES}', arg.file, arg.id)
  redis.call('ZADD', '${ORDER}', redis.call('HINCRBY', '${names.counts}', 'archive', 1), arg.id)
  return 1
`);

/** Changes a record, unless it was changed since it was read. */
const UPDATE = script(`
  if redis.call('HGET', '${ARCHIVES}', arg.id) ~= arg.before then return 'changed' end
  local owner = redis.call('HGET', '${FILES}', arg.file)
  if owner and owner ~= arg.id then return 'taken' end
  ${noting("arg.id")}
  redis.call('HSET', '${ARCHIVES}', arg.id, arg.after)
  redis.call('HDEL', '${FILES}', arg.fileBefore)
  redis.call('HSET', '${FILES}', arg.file, arg.id)
  return 'done'
`);

const DELETE = script(`
  if redis.call('HGET', '${ARCHIVES}', arg.id) ~= arg.before then return 'changed' end
  ${noting("arg.id")}
  redis.call('HDEL', '${ARCHIVES}', arg.id)
  redis.call('HDEL', '${FILES}', arg.file)
  redis.call('ZREM', '${ORDER}', arg.id)
  return 'done'
`);

/** The archives after a place, each with its own. One without an end is none. */
const NEXT = script(`
  local found = redis.call('ZRANGEBYSCORE', '${ORDER}', '(' .. arg.after, '(+inf', 'WITHSCORES', 'LIMIT', 0, arg.size)
  local records = {}
  for i = 1, #found, 2 do
    records[#records + 1] = {found[i], found[i + 1], redis.call('HGET', '${ARCHIVES}', found[i])}
  end
  return records
`);

/** The archives of some ids. */
const SOME = script(`
  local places, records = redis.call('ZMSCORE', '${ORDER}', unpack(arg.ids)), redis.call('HMGET', '${ARCHIVES}', unpack(arg.ids))
  local found = {}
  for n, id in ipairs(arg.ids) do
    if places[n] and records[n] then found[#found + 1] = {id, places[n], records[n]} end
  end
  return found
`);

const KEYS = { [ARCHIVES]: "hash", [FILES]: "hash", [ORDER]: "zset" } as const;
const check = recordCheck(ArchiveRecord);

type Found = [id: string, place: string, text: string | null][];

const toArchive = ({ bad }: Connection, id: string, text: string | null): ArchiveRecord | undefined =>
  text === null
    ? undefined
    : bad.read(
        check,
        () => atField(ARCHIVES, id),
        () => withId(id, JSON.parse(text)),
      );

const placed = (connection: Connection, found: Found): PlacedArchive[] =>
  found.flatMap(([id, place, text]) => {
    const archive = toArchive(connection, id, text);
    return archive === undefined || !Number.isFinite(Number(place)) ? [] : { place: Number(place), archive };
  });

/** Archives that one script reads for a list; it blocks all other clients, and their decoding this server. */
const LIST_AT_ONCE = 500;

/**
 * Archives in the order in which they were added. A page begins after a place and not after a number of archives, so that a deletion
 * between two pages hides no archive.
 */
const readPage = async (
  connection: Connection,
  after: number | string,
  size: number,
): Promise<{ archives: PlacedArchive[]; next: number | undefined }> => {
  const found = await unlessWrongType<Found>(connection, KEYS, [], () =>
    connection.run(NEXT, {}, { after, size }),
  );
  const last = found.at(-1);
  return { archives: placed(connection, found), next: last && Number(last[1]) };
};

/** Entries of the stream that are read: Redis keeps some more than it has to. With more, another program wrote them, and all is read anew. */
const MOST_READ = 2 * REMEMBERED;

/** The position before all changes. */
const START = "0-0";

/** What is in the stream of changes after a position, which is in it itself if nothing after it was removed. */
const changesIn = (position: string, entries: readonly StreamEntry[]): ArchiveChanges => {
  const [first, ...later] = entries;
  const ids = later.map(([, [, id = ""]]) => id);
  const isKnown = first?.[0] === position && !ids.includes("") && entries.length < MOST_READ;
  return { position: entries.at(-1)?.[0] ?? START, ids: isKnown ? ids : undefined };
};

const given = <T extends object>(patch: T): Partial<T> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;

export const createArchiveStore = (connection: Connection): ArchiveStore => {
  const read = async (id: string): Promise<string | null> =>
    unlessWrongType(connection, KEYS, null, () => connection.command("HGET", ARCHIVES, id));

  /** Repeats a change until no other change came between its read and its write. */
  const change = async (
    id: string,
    write: (before: string, record: ArchiveRecord) => Promise<unknown>,
  ): Promise<boolean> => {
    for (;;) {
      const before = await read(id);
      const record = toArchive(connection, id, before);
      if (before === null || record === undefined) return false;
      const answer = await write(before, record);
      if (answer !== "changed") return answer === "done";
    }
  };

  const page: ArchiveStore["page"] = (after = 0) => readPage(connection, after, LIST_AT_ONCE);

  return {
    add: async ({ id, file, title, tags, summary, size, pages, added, modified }) => {
      const record = { id, file, title, tags, summary, size, pages, added, modified };
      return (await connection.run(ADD, {}, { id, file, record: JSON.stringify(record) })) === 1;
    },
    get: async (id) => toArchive(connection, id, await read(id)),
    some: async (ids) => {
      const found: PlacedArchive[] = [];
      for (let n = 0; n < ids.length; n += LIST_AT_ONCE) {
        const args = { ids: ids.slice(n, n + LIST_AT_ONCE) };
        const part = await unlessWrongType<Found>(connection, KEYS, [], () => connection.run(SOME, {}, args));
        found.push(...placed(connection, part));
      }
      return found;
    },
    list: () => allArchives({ page }),
    page,
    changes: async (since) => {
      const [command, ...range] =
        since === undefined
          ? ["XREVRANGE", "+", "-", "COUNT", 1]
          : ["XRANGE", since, "+", "COUNT", MOST_READ];
      const entries = await connection.command<StreamEntry[]>(`${command}`, names.archiveChanges, ...range);
      if (since === START && entries.length === 0) return { position: START, ids: [] };
      return changesIn(since ?? entries[0]?.[0] ?? START, entries);
    },
    count: () => unlessWrongType(connection, KEYS, 0, () => connection.command<number>("HLEN", ARCHIVES)),
    update: (id, patch) =>
      change(id, (before, record) => {
        const after = { ...record, ...given(patch) };
        const files = { fileBefore: record.file, file: after.file };
        return connection.run(UPDATE, {}, { id, before, after: JSON.stringify(after), ...files });
      }),
    delete: (id) => change(id, (before, { file }) => connection.run(DELETE, {}, { id, before, file })),
  };
};

/** A record that exists keeps its place. */
const PUT = script(`
  ${noting("''")}
  for n, id in ipairs(arg.ids) do
    if redis.call('HEXISTS', '${names.archives}', id) == 0 then
      redis.call('ZADD', '${names.archiveOrder}', redis.call('HINCRBY', '${names.counts}', 'archive', 1), id)
    end
    if arg.filesBefore[n] ~= '' then redis.call('HDEL', '${names.archiveFiles}', arg.filesBefore[n]) end
    redis.call('HSET', '${names.archives}', id, arg.records[n])
    redis.call('HSET', '${names.archiveFiles}', arg.files[n], id)
  end
`);

export const archiveStream = (connection: Connection): RecordStream<ArchiveRecord> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const { archives, next } = await readPage(connection, position, PAGE);
      if (next === undefined) return;
      position = String(next);
      yield { records: archives.map(({ archive }) => archive), position };
    }
  },
  put: async (records) => {
    const ids = records.map(({ id }) => id);
    // Parsed here: Lua's JSON rejects text that JavaScript writes, such as half of a surrogate pair.
    const before = await connection.command<(string | null)[]>("HMGET", names.archives, ...ids);
    await connection.run(
      PUT,
      {},
      {
        ids,
        files: records.map(({ file }) => file),
        filesBefore: before.map((text, n) => toArchive(connection, ids[n] ?? "", text)?.file ?? ""),
        records: records.map((record) => JSON.stringify(record)),
      },
    );
  },
});

/** A member that stands for the library itself, so that an empty library differs from an unknown one. */
const LIBRARY = "";

/** The ids are JSON: a command takes at most a million arguments. */
const CHANGE_SEEN = script(`
  for _, id in ipairs(cjson.decode(arg.added)) do redis.call('SADD', key.library, id) end
  for _, id in ipairs(cjson.decode(arg.removed)) do redis.call('SREM', key.library, id) end
`);

export const createSeenArchiveStore = (connection: Connection): SeenArchiveStore => ({
  of: async (library) => {
    const key = names.seenArchives(library);
    const found = await unlessWrongType<string[]>(connection, { [key]: "set" }, [], () =>
      connection.command("SMEMBERS", key),
    );
    const ids = new Set(found);
    return ids.delete(LIBRARY) ? ids : undefined;
  },
  change: async (library, added, removed) => {
    const args = { added: JSON.stringify([LIBRARY, ...added]), removed: JSON.stringify(removed) };
    await connection.run(CHANGE_SEEN, { library: names.seenArchives(library) }, args);
  },
});

const SCAN_COUNT = 2000;

/** A set has no order, and a cursor in it is lost when Redis restarts. So a position is a library that was read to its end. */
export const seenArchiveStream = (connection: Connection): RecordStream<StreamRecords["known"]> => ({
  async *pages(after = "") {
    const prefix = names.seenArchives("");
    const libraries = (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
    let position = after;
    for (const library of libraries.filter((one) => one > after)) {
      let cursor = "0";
      do {
        const key = names.seenArchives(library);
        const [next, ids] = await unlessWrongType<[string, string[]]>(
          connection,
          { [key]: "set" },
          ["0", []],
          () => connection.command("SSCAN", key, cursor, "COUNT", SCAN_COUNT),
        );
        cursor = next;
        if (cursor === "0") position = library;
        yield { records: ids.map((id) => ({ library, id })), position };
      } while (cursor !== "0");
    }
  },
  async put(records) {
    for (const library of new Set(records.map((record) => record.library))) {
      const ids = records.filter((record) => record.library === library).map(({ id }) => id);
      await connection.command("SADD", names.seenArchives(library), ...ids);
    }
  },
});
