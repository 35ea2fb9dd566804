import { recordCheck } from "../bad-records.ts";
import { CategoryRecord } from "../contract/categories.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import { onePage } from "../record-streams.ts";
import type { CategoryStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField, unlessWrongType, withId } from "./records.ts";
import { script, toMap } from "./script.ts";

const CATEGORIES = names.categories;
const TYPES = { [CATEGORIES]: "hash" } as const;
const check = recordCheck(CategoryRecord);

/** The revision stands before the record. */
const REPLACE = script(`
  local stored = redis.call('HGET', '${CATEGORIES}', arg.id)
  if arg.revision and (not stored or string.match(stored, '^%d+') ~= arg.revision) then return 0 end
  if not arg.revision and stored then return 0 end
  if arg.record then redis.call('HSET', '${CATEGORIES}', arg.id, arg.record) else redis.call('HDEL', '${CATEGORIES}', arg.id) end
  return 1
`);

const textOf = (record: CategoryRecord): string => `${record.revision} ${JSON.stringify(record)}`;

const toCategory = ({ bad }: Connection, id: string, text: string): CategoryRecord | undefined =>
  bad.read(
    check,
    () => atField(CATEGORIES, id),
    () => withId(id, JSON.parse(text.slice(text.indexOf(" ") + 1))),
  );

const byId = (a: CategoryRecord, b: CategoryRecord): number => (a.id < b.id ? -1 : 1);

export const createCategoryStore = (connection: Connection): CategoryStore => ({
  list: async () => {
    const reply = await unlessWrongType<unknown>(connection, TYPES, [], () =>
      connection.command("HGETALL", CATEGORIES),
    );
    return [...toMap(reply)].flatMap(([id, text]) => toCategory(connection, id, text) ?? []).sort(byId);
  },
  get: async (id) => {
    const text = await unlessWrongType<string | null>(connection, TYPES, null, () =>
      connection.command("HGET", CATEGORIES, id),
    );
    return text === null ? undefined : toCategory(connection, id, text);
  },
  replace: async (id, revision, record) =>
    (await connection.run(REPLACE, {}, { id, revision, record: record && textOf(record) })) === 1,
});

export const categoryStream = (
  connection: Connection,
  { list }: Pick<CategoryStore, "list">,
): RecordStream<CategoryRecord> => ({
  pages: onePage(list),
  async put(records) {
    for (const record of records) await connection.command("HSET", CATEGORIES, record.id, textOf(record));
  },
});
