import { type Namespace, PluginLogLine } from "@hitagi/contract";
import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import {
  byPlugin,
  encodeLine,
  type LogRange,
  type PluginLogStore,
  type StoredLine,
} from "../contract/plugin-logs.ts";
import type { Connection } from "./connection.ts";
import { recordsOf, type Table } from "./table.ts";

export const pluginLogs: Table<StoredLine> = {
  name: "plugin_logs",
  columns: "plugin, id, time, line",
  key: "plugin, id",
  check: recordCheck(
    Type.Object({ plugin: Type.Unsafe<Namespace>(Type.String()), ...PluginLogLine.properties }),
  ),
  order: { plugin: "", id: 0 },
  json: ["line"],
  toRow: ({ plugin, id, time, ...line }) => ({ plugin, id, time, line }),
  fromRow: ({ plugin, id, time, line }) => ({ plugin, id, time, ...(line as object) }),
};

const linesOf = (stored: readonly StoredLine[]): PluginLogLine[] =>
  stored.map(({ plugin: _, ...line }) => line);

const microseconds = (): number => Date.now() * 1000;

export const createPluginLogStore = (connection: Connection): PluginLogStore => {
  const { insert, all } = recordsOf(connection, pluginLogs);
  const put = insert("INSERT");
  const end = connection.prepare("SELECT max(id) AS id FROM plugin_logs WHERE plugin = ?");
  const cut = connection.prepare("DELETE FROM plugin_logs WHERE plugin = ? AND id <= ?");
  const expire = connection.prepare("DELETE FROM plugin_logs WHERE time < ?");
  const RANGE = "WHERE plugin = ? AND id > ? AND id < ? ORDER BY id";
  const first = all(`${RANGE} LIMIT ?`);
  const last = all(`${RANGE} DESC LIMIT ?`);
  const values = (plugin: Namespace, { after = 0, before = Number.MAX_SAFE_INTEGER }: LogRange) =>
    [plugin, after, before] as const;

  return {
    add: (lines, keep) =>
      connection.write(() => {
        for (const [plugin, own] of byPlugin(lines)) {
          let id = (end.get(plugin) as { id: number | null }).id ?? microseconds();
          for (const line of own) {
            id += Buffer.byteLength(encodeLine(line));
            put({ ...line, id });
          }
          cut.run(plugin, id - keep.bytes);
        }
        expire.run(keep.since);
      }, "relaxed"),
    first: async (plugin, range, count) => linesOf(await first(...values(plugin, range), count)),
    last: async (plugin, range, count) => linesOf(await last(...values(plugin, range), count)),
  };
};
