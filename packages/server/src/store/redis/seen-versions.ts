import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { registryKeys } from "./registries.ts";

export const createSeenVersionStore = (connection: Connection): SeenVersionStore => ({
  get: (registry) => {
    const key = names.seenVersions(registry);
    const read = async () => ((await connection.bytes("GET", key)) as Buffer | null) ?? undefined;
    return unlessWrongType(connection, { [key]: "string" }, undefined, read);
  },
  put: async (registry, lines) => {
    const key = names.seenVersions(registry);
    if ((await connection.command("EXISTS", registry)) !== 1) return;
    // SET would replace a key of another type.
    const type = await connection.command<string>("TYPE", key);
    if (type === "string" || type === "none") await connection.command("SET", key, lines);
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
