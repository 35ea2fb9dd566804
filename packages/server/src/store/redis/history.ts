import { HistoryEntry } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { HistoryFilter, HistoryStore } from "../types.ts";
import { createBatchStore } from "./batches.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { PAGE, script } from "./script.ts";

/** Entries that are read at once. */
const CHUNK = 1000;

/** A stream, whose ids are counted, so that they are small and are never given again. */
const ADD = script(`
  local id = redis.call('HINCRBY', '${names.counts}', 'history', 1)
  local last = redis.call('XREVRANGE', '${names.history}', '+', '-', 'COUNT', 1)[1]
  local newest = last and tonumber(string.match(last[1], '^%d+')) or 0
  if newest >= id then
    id = newest + 1
    redis.call('HSET', '${names.counts}', 'history', id)
  end
  redis.call('XADD', '${names.history}', id .. '-0', 'entry', arg.entry)
`);

const RUN = "run_batch";
const UNDO = "undo_batch";

type HistoryReply = [id: string, fields: string[]][];

const STREAM = { [names.history]: "stream" } as const;
const check = recordCheck(HistoryEntry);

const numberOf = (id: string): number => Number.parseInt(id, 10);

const toEntry = ({ bad }: Connection, [id, fields]: HistoryReply[number]): HistoryEntry | undefined =>
  bad.read(
    check,
    () => ({ place: `${names.history} ${id}`, remove: `XDEL ${names.history} ${id}` }),
    () => ({ ...(JSON.parse(fields[1] ?? "") as object), id: numberOf(id) }),
  );

const readRange = (
  connection: Connection,
  command: "XRANGE" | "XREVRANGE",
  from: string,
  to: string,
  count: number,
): Promise<HistoryReply> =>
  unlessWrongType<HistoryReply>(connection, STREAM, [], () =>
    connection.command(command, names.history, from, to, "COUNT", count),
  );

const isOutcome = (wanted: string, outcome: string): boolean =>
  wanted === outcome || (wanted === "failed" && outcome !== "ok");

const isOfPlugin = (plugin: string, { subject, details }: HistoryEntry): boolean =>
  (subject?.kind === "plugin" && subject.id.split(",").includes(plugin)) ||
  (subject?.kind === "setting" && (subject.id === plugin || subject.id.startsWith(`${plugin}:`))) ||
  (details?.plugins ?? []).some(({ namespace }) => namespace === plugin);

const fits = (f: HistoryFilter, entry: HistoryEntry): boolean =>
  fitsFields(f, entry) && (f.plugin === undefined || isOfPlugin(f.plugin, entry));

const fitsFields = (f: HistoryFilter, { time, actor, action, subject, outcome }: HistoryEntry): boolean =>
  (f.actor === undefined || f.actor === actor.key || f.actor === actor.kind) &&
  (f.action === undefined || f.action === action) &&
  (f.kind === undefined || f.kind === subject?.kind) &&
  (f.subject === undefined || f.subject === subject?.id) &&
  (f.outcome === undefined || isOutcome(f.outcome, outcome)) &&
  (f.since === undefined || time >= f.since) &&
  (f.until === undefined || time < f.until);

const isEmpty = (filter: HistoryFilter): boolean =>
  Object.values(filter).every((value) => value === undefined);

/** The entries that concern an archive. Those of batches are found by their reports. */
const ofArchive = async (
  connection: Connection,
  archive: string | undefined,
  found: readonly HistoryEntry[],
): Promise<readonly HistoryEntry[]> => {
  if (archive === undefined) return found;
  const isNamed = ({ subject, details }: HistoryEntry): boolean =>
    (subject?.kind === "archive" && subject.id === archive) || details?.archive?.id === archive;
  const isReported = async ({ job }: HistoryEntry): Promise<boolean> =>
    job !== null && (await connection.command("HEXISTS", names.batch(job), archive)) === 1;
  const batches = createBatchStore(connection);
  const isUndone = async ({ subject, job }: HistoryEntry): Promise<boolean> => {
    const item = await batches.get(Number(subject?.id), archive);
    return (item?.outcome === "undone" || item?.outcome === "kept") && (item.undo ?? job) === job;
  };
  const isInBatch = async (entry: HistoryEntry): Promise<boolean> =>
    (entry.action === RUN && (await isReported(entry))) || (entry.action === UNDO && (await isUndone(entry)));
  const concerned = await Promise.all(found.map(async (entry) => isNamed(entry) || (await isInBatch(entry))));
  return found.filter((_, n) => concerned[n]);
};

/** The history of a Redis. It is filtered here: a script that reads all entries would block all other clients. */
export const createHistoryStore = (connection: Connection): HistoryStore => {
  /** The entries between two ids, without these. */
  async function* entries(filter: HistoryFilter, newestFirst: boolean): AsyncGenerator<HistoryEntry> {
    let [low, high] = [filter.after ?? 0, filter.before];
    for (;;) {
      const [from, to] = [`(${low}-0`, high === undefined ? "+" : `(${high}-0`];
      const found = newestFirst
        ? await readRange(connection, "XREVRANGE", to, from, CHUNK)
        : await readRange(connection, "XRANGE", from, to, CHUNK);
      const read = found.flatMap((one) => toEntry(connection, one) ?? []);
      yield* await ofArchive(connection, filter.archive, read);
      const last = found.at(-1);
      if (!last || found.length < CHUNK) return;
      if (newestFirst) high = numberOf(last[0]);
      else low = numberOf(last[0]);
    }
  }

  const page = async (filter: HistoryFilter, first: number, size: number) => {
    const items: HistoryEntry[] = [];
    let total = 0;
    for await (const entry of entries(filter, true)) {
      if (!fits(filter, entry)) continue;
      if (total >= first && items.length < size) items.push(entry);
      total += 1;
      if (isEmpty(filter) && items.length === size) break;
    }
    return { total: isEmpty(filter) ? await length() : total, items };
  };
  const length = (): Promise<number> =>
    unlessWrongType(connection, STREAM, 0, () => connection.command("XLEN", names.history));

  /** Entries are written in the order of their ends, so old ones come first, or nearly. */
  const expire = async (before: number): Promise<void> => {
    let seen = 0;
    const old: string[] = [];
    for await (const { id, time } of entries({}, false)) {
      seen += 1;
      if (time < before) old.push(`${id}-0`);
      if (seen % CHUNK === 0 && old.length < seen) break;
    }
    for (let at = 0; at < old.length; at += CHUNK) {
      await connection.command("XDEL", names.history, ...old.slice(at, at + CHUNK));
    }
  };

  return {
    add: async (entry) => void (await connection.run(ADD, {}, { entry: JSON.stringify(entry) })),
    list: (filter, number, size) => page(filter, (number - 1) * size, size),
    next: async (filter, limit) => {
      const found: HistoryEntry[] = [];
      for await (const entry of entries(filter, false)) {
        if (fits(filter, entry)) found.push(entry);
        if (found.length >= limit) break;
      }
      return found;
    },
    prune: async (before, keep) => {
      await expire(before);
      await connection.command("XTRIM", names.history, "MAXLEN", keep);
    },
  };
};

/** Adds entries in the order of their ids, and skips those that exist. */
const ADD_ENTRIES = script(`
  local last = redis.call('XREVRANGE', '${names.history}', '+', '-', 'COUNT', 1)[1]
  local newest = last and tonumber(string.match(last[1], '^%d+')) or 0
  for n, id in ipairs(arg.ids) do
    if tonumber(id) > newest then redis.call('XADD', '${names.history}', id .. '-0', 'entry', arg.entries[n]) end
  end
`);

export const historyStream = (connection: Connection): RecordStream<HistoryEntry> => ({
  async *pages(after = "0") {
    for (let position = after; ; ) {
      const reply = await readRange(connection, "XRANGE", `(${position}-0`, "+", PAGE);
      const last = reply.at(-1);
      if (!last) return;
      position = String(numberOf(last[0]));
      yield { records: reply.flatMap((one) => toEntry(connection, one) ?? []), position };
    }
  },
  put: async (records) => {
    const entries = records.map(({ id, ...entry }) => JSON.stringify(entry));
    await connection.run(ADD_ENTRIES, {}, { ids: records.map(({ id }) => id), entries });
  },
});
