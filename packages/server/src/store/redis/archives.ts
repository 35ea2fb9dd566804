import type { ArchiveRecord, ArchiveStore } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** KEYS of every script: the archives, whose each file is, their order, the counts. */
const KEYS = [names.archives, names.archiveFiles, names.archiveOrder, names.counts];

/** ARGV: id, file, the record. */
const ADD = script(`
  if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
  redis.call('ZADD', KEYS[3], redis.call('HINCRBY', KEYS[4], 'archive', 1), ARGV[1])
  return 1
`);

/** ARGV: id, the record as it was read, as it shall be, the file that it had, the one that it gets. */
const UPDATE = script(`
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'changed' end
  local owner = redis.call('HGET', KEYS[2], ARGV[5])
  if owner and owner ~= ARGV[1] then return 'taken' end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  redis.call('HDEL', KEYS[2], ARGV[4])
  redis.call('HSET', KEYS[2], ARGV[5], ARGV[1])
  return 'done'
`);

/** ARGV: id, the record as it was read, its file. */
const DELETE = script(`
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'changed' end
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[3])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return 'done'
`);

/** ARGV: a place, how many. The archives after it, and the place of the last. */
const NEXT = script(`
  local found = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  local records = {}
  for i = 1, #found, 2 do records[#records + 1] = redis.call('HGET', KEYS[1], found[i]) end
  return {found[#found] or false, records}
`);

/** Archives that one script of a list reads, which keeps all others waiting. */
const LIST_AT_ONCE = 2000;

/**
 * All archives in the order in which they were added, `size` at a time. They are told apart by their place and not by how many
 * stand before, so that one which is deleted meanwhile does not push another out.
 * @param after the position of a page that was read before
 */
export async function* pagesOfArchives(
  connection: Connection,
  size: number,
  after = "0",
): AsyncGenerator<{ records: ArchiveRecord[]; position: string }> {
  for (let position = after; ; ) {
    const [last, texts] = (await connection.run(NEXT, KEYS, [position, size])) as [string | null, string[]];
    if (last === null) return;
    position = last;
    yield { records: texts.map((text) => JSON.parse(text) as ArchiveRecord), position };
  }
}

const given = <T extends object>(patch: T): Partial<T> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The archive records of a Redis. Each is one text, which a change replaces only where nobody else has. */
export const createArchiveStore = (connection: Connection): ArchiveStore => {
  const read = async (id: string): Promise<string | null> =>
    (await connection.command("HGET", names.archives, id)) as string | null;

  /** Repeats a change until no other one came between its reading and its writing. */
  const change = async (
    id: string,
    write: (before: string, record: ArchiveRecord) => Promise<unknown>,
  ): Promise<boolean> => {
    for (;;) {
      const before = await read(id);
      if (before === null) return false;
      const answer = await write(before, JSON.parse(before) as ArchiveRecord);
      if (answer !== "changed") return answer === "done";
    }
  };

  return {
    add: async ({ id, file, title, tags, summary, size, pages, added }) => {
      const record: ArchiveRecord = { id, file, title, tags, summary, size, pages, added };
      return (await connection.run(ADD, KEYS, [id, file, JSON.stringify(record)])) === 1;
    },
    get: async (id) => {
      const text = await read(id);
      return text === null ? undefined : (JSON.parse(text) as ArchiveRecord);
    },
    list: async () => {
      const archives: ArchiveRecord[] = [];
      for await (const { records } of pagesOfArchives(connection, LIST_AT_ONCE)) archives.push(...records);
      return archives;
    },
    count: async () => (await connection.command("HLEN", names.archives)) as number,
    update: (id, patch) =>
      change(id, (before, record) => {
        const after = { ...record, ...given(patch) };
        return connection.run(UPDATE, KEYS, [id, before, JSON.stringify(after), record.file, after.file]);
      }),
    delete: (id) => change(id, (before, { file }) => connection.run(DELETE, KEYS, [id, before, file])),
  };
};
