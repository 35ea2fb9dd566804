import { type Namespace, PluginLogLine, toNamespace } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import {
  byPlugin,
  encodeLine,
  type LogRange,
  type PluginLogStore,
  type StoredLine,
} from "../contract/plugin-logs.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { PAGE, script } from "./script.ts";

/** Old lines that one call removes from a log. Readers leave out the others. */
const EXPIRED_AT_ONCE = 20;

/** Appends to each log its lines, whose numbers are in `counts`, and keeps its newest bytes. */
const ADD = script(`
  local n = 0
  for p, log in ipairs(key.logs) do
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
    local now = redis.call('TIME')
    local at = last and tonumber(string.match(last[1], '^%d+')) or now[1] * 1000000 + now[2]
    for _ = 1, tonumber(arg.counts[p]) do
      n = n + 1
      at = at + #arg.lines[n]
      redis.call('XADD', log, string.format('%.0f-0', at), 'time', arg.times[n], 'line', arg.lines[n])
    end
    redis.call('XTRIM', log, 'MINID', string.format('%.0f', at - arg.bytes + 1))
    for _, entry in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', ${EXPIRED_AT_ONCE})) do
      if tonumber(entry[2][2]) >= tonumber(arg.since) then break end
      redis.call('XDEL', log, entry[1])
    end
    redis.call('EXPIRE', log, arg.life)
  end
`);

type Entry = [id: string, fields: string[]];

const check = recordCheck(PluginLogLine);

const numberOf = (id: string): number => Number.parseInt(id, 10);

/** A log's entries between two positions of its stream. */
const read = async (
  connection: Connection,
  plugin: Namespace,
  { after = 0, before }: LogRange,
  count: number,
  newestFirst: boolean,
): Promise<{ lines: PluginLogLine[]; last: number | undefined }> => {
  const log = names.pluginLog(plugin);
  const [from, to] = [`(${after}-0`, before === undefined ? "+" : `(${before}-0`];
  const range = newestFirst ? ["XREVRANGE", log, to, from] : ["XRANGE", log, from, to];
  const [command = "", ...args] = range;
  const entries = await unlessWrongType<Entry[]>(connection, { [log]: "stream" }, [], () =>
    connection.command(command, ...args, "COUNT", count),
  );
  const toLine = ([id, fields]: Entry) =>
    connection.bad.read(
      check,
      () => ({ place: `${log} ${id}`, remove: `XDEL ${log} ${id}` }),
      () => ({ ...(JSON.parse(fields[3] ?? "") as object), id: numberOf(id) }),
    );
  const end = entries.at(-1);
  return { lines: entries.flatMap((one) => toLine(one) ?? []), last: end && numberOf(end[0]) };
};

export const createPluginLogStore = (connection: Connection, now: () => number): PluginLogStore => ({
  add: async (lines, { bytes, since }) => {
    const plugins = [...byPlugin(lines)];
    const logs = plugins.map(([plugin]) => names.pluginLog(plugin));
    const ordered = plugins.flatMap(([, own]) => own);
    const args = {
      counts: plugins.map(([, own]) => own.length),
      times: ordered.map(({ time }) => time),
      lines: ordered.map(encodeLine),
      bytes,
      since,
      life: Math.max(1, Math.ceil(now() - since)),
    };
    const types = Object.fromEntries(logs.map((log) => [log, "stream"] as const));
    await unlessWrongType<unknown>(connection, types, null, () => connection.run(ADD, { logs }, args));
  },
  first: async (plugin, range, count) => (await read(connection, plugin, range, count, false)).lines,
  last: async (plugin, range, count) => (await read(connection, plugin, range, count, true)).lines,
});

/** Adds lines with their ids to each log, and leaves out those that it has. */
const PUT = script(`
  local n = 0
  for p, log in ipairs(key.logs) do
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
    local newest = last and tonumber(string.match(last[1], '^%d+')) or 0
    for _ = 1, tonumber(arg.counts[p]) do
      n = n + 1
      if tonumber(arg.ids[n]) > newest then
        redis.call('XADD', log, arg.ids[n] .. '-0', 'time', arg.times[n], 'line', arg.lines[n])
      end
    end
  end
`);

export const pluginLogStream = (connection: Connection): RecordStream<StoredLine> => ({
  async *pages(after = '["",0]') {
    const [begin, position] = JSON.parse(after) as [string, number];
    const prefix = names.pluginLog(toNamespace(""));
    const keys = await connection.scan(`${prefix}*`);
    const plugins = keys.map((key) => toNamespace(key.slice(prefix.length))).sort();
    for (const plugin of plugins.filter((one) => one >= begin)) {
      let at: number | undefined = plugin === begin ? position : 0;
      while (at !== undefined) {
        const { lines, last } = await read(connection, plugin, { after: at }, PAGE, false);
        at = last;
        if (at === undefined) break;
        const records = lines.map((line) => ({ ...line, plugin }));
        yield { records, position: JSON.stringify([plugin, at]) };
      }
    }
  },
  async put(records) {
    const plugins = [...byPlugin(records)];
    const ordered = plugins.flatMap(([, own]) => own);
    await connection.run(
      PUT,
      { logs: plugins.map(([plugin]) => names.pluginLog(plugin)) },
      {
        counts: plugins.map(([, own]) => own.length),
        ids: ordered.map(({ id }) => id),
        times: ordered.map(({ time }) => time),
        lines: ordered.map(({ id: _, ...line }) => encodeLine(line)),
      },
    );
  },
});
