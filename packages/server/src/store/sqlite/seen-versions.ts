import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import type { StreamRecords } from "../contract/record-streams.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { Table } from "./table.ts";

export const createSeenVersionStore = (connection: Connection): SeenVersionStore => {
  const find = connection.one<{ lines: Uint8Array }>("SELECT lines FROM seen_versions WHERE registry = ?");
  const put = connection.prepare(`INSERT OR REPLACE INTO seen_versions (registry, lines)
    SELECT id, ? FROM registries WHERE id = ?`);
  return {
    get: async (registry) => {
      const row = await find(registry);
      return row && Buffer.from(row.lines);
    },
    put: (registry, lines) => connection.write(() => void put.run(lines, registry)),
  };
};

export const seenVersions: Table<StreamRecords["seenVersions"]> = {
  ...{ name: "seen_versions", columns: "registry, lines", key: "registry" },
  check: recordCheck(Type.Object({ registry: Type.String(), lines: Type.Unsafe<Buffer>(Type.Unknown()) })),
  order: { registry: "" },
  fromRow: ({ registry, lines }) => ({ registry, lines: Buffer.from(lines as Uint8Array) }),
  pageSize: 1,
};
