import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { registryKeys } from "./registries.ts";

export const createSeenVersionStore = (connection: Connection): SeenVersionStore => ({
  get: async (registry) =>
    ((await connection.bytes("GET", names.seenVersions(registry))) as Buffer | null) ?? undefined,
  put: async (registry, lines) => {
    if ((await connection.command("EXISTS", registry)) === 1)
      await connection.command("SET", names.seenVersions(registry), lines);
  },
});

/** One registry at a time: its lines may have many megabytes. */
export const seenVersionStream = (
  connection: Connection,
  store: SeenVersionStore,
): RecordStream<StreamRecords["seenVersions"]> => ({
  async *pages(after = "") {
    for (const registry of (await registryKeys(connection)).filter((id) => id > after)) {
      const lines = await store.get(registry);
      if (lines) yield { records: [{ registry, lines }], position: registry };
    }
  },
  put: async (records) => {
    for (const { registry, lines } of records) await store.put(registry, lines);
  },
});
