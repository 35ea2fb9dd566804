import { type Credential, HitagiError, type Registry } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import { indexFacts } from "../catalog-entry.ts";
import { StoredRegistry } from "../contract/catalog.ts";
import type { RecordStream, RegistryRecord } from "../contract/record-streams.ts";
import { onePage, readRegistries } from "../record-streams.ts";
import type { RegistryStore } from "../types.ts";
import { isReadable, skippedOf } from "./catalog.ts";
import type { Connection } from "./connection.ts";
import { putEach, type Row, recordOf, recordsIn, recordsOf, rowOf, type Table } from "./table.ts";

/** Of a registry's record; what is known of its index and its credential is in other tables. */
const registries: Table<Registry> = {
  name: "registries",
  columns:
    "id, name, provider, url, ref, path, folder, lenient, generate_index, failure, moved, created, updated",
  key: "id",
  check: recordCheck(StoredRegistry),
  order: { created: 0, seq: 0 },
  toRow: ({ lenient, generateIndex, failure, ...fields }) => ({
    ...fields,
    lenient: Number(lenient ?? false),
    generate_index: Number(generateIndex ?? false),
    failure: failure && JSON.stringify(failure),
  }),
  fromRow: ({
    seq,
    lenient,
    generate_index,
    failure,
    refreshed,
    plugins,
    skipped,
    skipped_count,
    ...row
  }) => ({
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
    ...(lenient !== 0 && { lenient: true }),
    ...(generate_index !== 0 && { generateIndex: true }),
    ...(failure !== null && { failure: JSON.parse(failure as string) }),
    ...(refreshed !== null &&
      indexFacts(() => ({
        refreshed,
        plugins,
        ...skippedOf(skipped as string | null, skipped_count as number | null),
      }))),
  }),
};

/** What an update of a registry changes. */
const changeable = {
  ...registries,
  columns: "name, provider, url, ref, path, folder, lenient, generate_index, updated",
};

const idAt = (second: number): string => `REG_${String(second).padStart(10, "0")}`;

const notFound = (id: string) => new HitagiError("REGISTRY_NOT_FOUND", { id });

const SELECT = `SELECT r.*, i.refreshed, i.plugins, i.skipped, i.skipped_count, c.kind AS credential FROM registries r
  LEFT JOIN catalog_indexes i ON i.registry = r.id AND ${isReadable("i")}
  LEFT JOIN registry_credentials c ON c.registry = r.id`;

/** Sets the credential of a registry; null removes it, undefined keeps it. */
const credentials = ({ prepare }: Connection) => {
  const put = prepare(
    "INSERT OR REPLACE INTO registry_credentials (registry, kind, secret) VALUES (?, ?, ?)",
  );
  const drop = prepare("DELETE FROM registry_credentials WHERE registry = ?");
  return (id: string, credential: Credential | null | undefined): void => {
    if (credential === null) drop.run(id);
    else if (credential !== undefined) put.run(id, credential.kind, credential.secret);
  };
};

const PUT_DEFAULT = "INSERT OR REPLACE INTO default_registry (one, id) VALUES (1, ?)";

/** The registries of a SQLite store. `onDrop` is called when a cached index was given up. */
export const createRegistryStore = (connection: Connection, onDrop: () => void): RegistryStore => {
  const byId = connection.prepare(`${SELECT} WHERE r.id = ?`);
  const all = connection.all<Row>(`${SELECT} ORDER BY r.created, r.seq`);
  const insert = recordsOf(connection, registries).insert("INSERT");
  const changes = changeable.columns.replaceAll(",", " = ?,");
  const change = connection.prepare(`UPDATE registries SET ${changes} = ? WHERE id = ?`);
  const remove = connection.prepare("DELETE FROM registries WHERE id = ?");
  const dropIndexOf = connection.prepare("DELETE FROM catalog_indexes WHERE registry = ?");
  const forgetVersions = connection.prepare("DELETE FROM seen_lines WHERE owner = ?");
  const claimId = connection.prepare("INSERT OR IGNORE INTO registry_ids (id) VALUES (?)");
  const defaultId = connection.one<{ id: string }>("SELECT id FROM default_registry");
  const putDefault = connection.prepare(PUT_DEFAULT);
  const dropDefault = connection.prepare("DELETE FROM default_registry RETURNING id");

  const noteOutcome = connection.prepare("UPDATE registries SET failure = ?, moved = ? WHERE id = ?");

  const setCredential = credentials(connection);
  const find = (id: string): Registry | undefined => {
    const row = byId.get(id) as Row | undefined;
    return row && recordOf(connection, registries, row);
  };
  const must = (id: string): Registry => {
    const registry = find(id);
    if (!registry) throw notFound(id);
    return registry;
  };
  const freeId = (now: number): string => {
    let second = Math.floor(now);
    while (claimId.run(idAt(second)).changes === 0) second -= 1;
    return idAt(second);
  };

  return {
    create: (fields, now, credential) =>
      connection.write(() => {
        const id = freeId(now);
        insert({ id, ...fields, created: Math.floor(now), updated: Math.floor(now) });
        setCredential(id, credential);
        return must(id);
      }),
    get: (id) => connection.read(() => find(id)),
    list: async () => recordsIn(connection, registries, await all()),
    update: async (id, fields, dropIndex, now, credential) => {
      const registry = await connection.write(() => {
        const old = must(id);
        // A changed source must show in `updated` even within one second: a refresh under way compares it.
        const updated = dropIndex ? Math.max(Math.floor(now), old.updated + 1) : Math.floor(now);
        change.run(...rowOf(changeable, { id, ...fields, created: old.created, updated }), id);
        if (dropIndex) dropIndexOf.run(id);
        if (dropIndex) forgetVersions.run(id);
        if (dropIndex) noteOutcome.run(null, null, id);
        setCredential(id, credential);
        return must(id);
      });
      if (dropIndex) onDrop();
      return registry;
    },
    delete: async (id) => {
      await connection.write(() => {
        if (remove.run(id).changes === 0) throw notFound(id);
        forgetVersions.run(id);
      });
      onDrop();
    },
    credential: connection.one("SELECT kind, secret FROM registry_credentials WHERE registry = ?"),
    note: (id, { failure, moved }) =>
      connection.write(
        () => void noteOutcome.run(failure ? JSON.stringify(failure) : null, moved ?? null, id),
        "relaxed",
      ),
    getDefault: async () => (await defaultId())?.id,
    setDefault: (id) =>
      connection.write(() => {
        must(id);
        putDefault.run(id);
      }),
    clearDefault: () => connection.write(() => (dropDefault.get() as { id: string } | undefined)?.id),
  };
};

export const registryStream = (
  connection: Connection,
  store: RegistryStore,
): RecordStream<RegistryRecord> => {
  const put = recordsOf(connection, registries).upsert();
  const setCredential = credentials(connection);
  const putDefault = connection.prepare(PUT_DEFAULT);
  return {
    pages: onePage(readRegistries({ registries: store })),
    put: putEach(connection, ({ credential, default: isDefault, ...record }) => {
      put(record);
      setCredential(record.id, credential ?? null);
      if (isDefault) putDefault.run(record.id);
    }),
  };
};
