import { type Credential, HitagiError, type Registry, type RegistryFields } from "@hitagi/contract";
import type { RegistryStore } from "../types.ts";
import { skippedOf } from "./catalog.ts";
import type { Connection } from "./connection.ts";

interface Row {
  id: string;
  name: string;
  provider: Registry["provider"];
  url: string | null;
  ref: string | null;
  path: string | null;
  folder: string | null;
  created: number;
  updated: number;
  refreshed: number | null;
  plugins: number | null;
  lenient: number;
  failure: string | null;
  moved: string | null;
  credential: Credential["kind"] | null;
  skipped: string | null;
  skipped_count: number | null;
}

const OPTIONAL = ["url", "ref", "path", "folder", "refreshed", "plugins", "moved", "credential"] as const;

const toRegistry = (row: Row): Registry => {
  const { id, name, provider, created, updated } = row;
  const known = OPTIONAL.filter((field) => row[field] !== null).map((field) => [field, row[field]]);
  return {
    id,
    name,
    provider,
    ...Object.fromEntries(known),
    ...(row.lenient !== 0 && { lenient: true }),
    ...(row.failure !== null && { failure: JSON.parse(row.failure) }),
    ...skippedOf(row.skipped, row.skipped_count),
    created,
    updated,
  };
};

const fieldValues = (fields: RegistryFields): (string | number | null)[] => [
  fields.name,
  fields.provider,
  fields.url ?? null,
  fields.ref ?? null,
  fields.path ?? null,
  fields.folder ?? null,
  fields.lenient ? 1 : 0,
];

const idAt = (second: number): string => `REG_${String(second).padStart(10, "0")}`;

const notFound = (id: string) => new HitagiError("REGISTRY_NOT_FOUND", { id });

const SELECT = `SELECT r.*, i.refreshed, i.plugins, i.skipped, i.skipped_count, c.kind AS credential FROM registries r
  LEFT JOIN catalog_indexes i ON i.registry = r.id
  LEFT JOIN registry_credentials c ON c.registry = r.id`;

/** The registries of a SQLite store. `onDrop` is called when a cached index was given up. */
export const createRegistryStore = (connection: Connection, onDrop: () => void): RegistryStore => {
  const byId = connection.prepare(`${SELECT} WHERE r.id = ?`);
  const all = connection.all<Row>(`${SELECT} ORDER BY r.created, r.seq`);
  const insert = connection.prepare(
    `INSERT INTO registries (id, name, provider, url, ref, path, folder, lenient, created, updated)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const change = connection.prepare(
    `UPDATE registries SET name = ?, provider = ?, url = ?, ref = ?, path = ?, folder = ?, lenient = ?, updated = ?
      WHERE id = ?`,
  );
  const remove = connection.prepare("DELETE FROM registries WHERE id = ?");
  const dropIndexOf = connection.prepare("DELETE FROM catalog_indexes WHERE registry = ?");
  const claimId = connection.prepare("INSERT OR IGNORE INTO registry_ids (id) VALUES (?)");
  const defaultId = connection.one<{ id: string }>("SELECT id FROM default_registry");
  const putDefault = connection.prepare("INSERT OR REPLACE INTO default_registry (one, id) VALUES (1, ?)");
  const dropDefault = connection.prepare("DELETE FROM default_registry RETURNING id");

  const putSecret = connection.prepare(
    "INSERT OR REPLACE INTO registry_credentials (registry, kind, secret) VALUES (?, ?, ?)",
  );
  const dropSecret = connection.prepare("DELETE FROM registry_credentials WHERE registry = ?");
  const noteOutcome = connection.prepare("UPDATE registries SET failure = ?, moved = ? WHERE id = ?");

  const setCredential = (id: string, credential: Credential | null | undefined): void => {
    if (credential === null) dropSecret.run(id);
    else if (credential !== undefined) putSecret.run(id, credential.kind, credential.secret);
  };
  const find = (id: string): Registry | undefined => {
    const row = byId.get(id) as Row | undefined;
    return row && toRegistry(row);
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
        insert.run(id, ...fieldValues(fields), Math.floor(now), Math.floor(now));
        setCredential(id, credential);
        return must(id);
      }),
    get: (id) => connection.read(() => find(id)),
    list: async () => (await all()).map(toRegistry),
    update: async (id, fields, dropIndex, now, credential) => {
      const registry = await connection.write(() => {
        const old = must(id);
        // A changed source must show in `updated` even within one second: a refresh under way compares it.
        const updated = dropIndex ? Math.max(Math.floor(now), old.updated + 1) : Math.floor(now);
        change.run(...fieldValues(fields), updated, id);
        if (dropIndex) dropIndexOf.run(id);
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
