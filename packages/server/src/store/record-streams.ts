import type { BadRecord, BadRecords } from "./bad-records.ts";
import {
  type RecordStream,
  type RegistryRecord,
  recordKinds,
  type StorePort,
  type StreamRecords,
} from "./contract/record-streams.ts";
import type { Store } from "./types.ts";

/** A single page of all records, for kinds with few of them. */
export const onePage = <R>(read: () => Promise<readonly R[]>): RecordStream<R>["pages"] =>
  async function* (after) {
    if (after !== undefined) return;
    const records = await read();
    if (records.length > 0) yield { records, position: "all" };
  };

/** The registries in the order of their list. */
export const readRegistries =
  ({ registries }: Pick<Store, "registries">) =>
  async (): Promise<RegistryRecord[]> => {
    const preferred = await registries.getDefault();
    const records: RegistryRecord[] = [];
    for (const registry of await registries.list()) {
      const { credential: kind, refreshed, plugins, skipped, skippedCount, ...fields } = registry;
      const credential = kind && (await registries.credential(registry.id));
      records.push({ ...fields, ...(credential && { credential }), default: registry.id === preferred });
    }
    return records;
  };

/** Kept versions, those of each plugin from the oldest to the newest. */
export const readVersions =
  ({ plugins }: Pick<Store, "plugins">) =>
  async (): Promise<StreamRecords["versions"][]> => {
    const records: StreamRecords["versions"][] = [];
    for (const { namespace } of await plugins.list()) {
      const versions = await plugins.versions(namespace);
      records.push(...versions.reverse().map((version) => ({ namespace, ...version })));
    }
    return records;
  };

const idsAfter = async (registries: Store["registries"], after: string): Promise<string[]> =>
  (await registries.list())
    .map(({ id }) => id)
    .filter((id) => id > after)
    .sort();

/** Cached indexes, one at a time: each may be of 25 MB. */
export const indexStream = ({
  registries,
  catalog,
}: Pick<Store, "registries" | "catalog">): RecordStream<StreamRecords["indexes"]> => ({
  async *pages(after = "") {
    for (const registry of await idsAfter(registries, after)) {
      const index = await catalog.index(registry);
      if (index) yield { records: [{ registry, ...index }], position: registry };
    }
  },
  async put(records) {
    for (const { registry, meta, document, rows, details } of records) {
      // The registry may have been removed during the reading.
      const found = await registries.get(registry);
      const change = { details: details ?? null };
      if (found) await catalog.replace(registry, found.updated, meta, document, rows, undefined, change);
    }
  },
});

/** The versions that registries have offered, one owner at a time: its lines may have many megabytes. */
export const seenVersionStream = ({
  registries,
  seenVersions,
  trust,
}: Pick<Store, "registries" | "seenVersions" | "trust">): RecordStream<StreamRecords["seenVersions"]> => ({
  async *pages(after = "") {
    const fingerprints = (await trust.list()).map(({ fingerprint }) => fingerprint);
    const owners = [...fingerprints, ...(await registries.list()).map(({ id }) => id)];
    for (const registry of owners.filter((owner) => owner > after).sort()) {
      const lines = Buffer.concat(await seenVersions.get(registry));
      if (lines.length > 0) yield { records: [{ registry, lines }], position: registry };
    }
  },
  async put(records) {
    for (const { registry, lines } of records) await seenVersions.replace(registry, lines);
  },
});

/**
 * Reads all records of a store for those that cannot be used.
 * @param findOther notes what is no record and cannot be used
 */
export const findBadRecords = (
  bad: BadRecords,
  { kinds }: StorePort,
  findOther: () => Promise<void> = async () => {},
): Promise<BadRecord[]> =>
  bad.during(async () => {
    await findOther();
    for (const kind of recordKinds) {
      for await (const _page of kinds[kind].pages()) await new Promise(setImmediate);
    }
  });
