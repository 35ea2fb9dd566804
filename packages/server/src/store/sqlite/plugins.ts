import { HitagiError, type Namespace, type Permissions, type PluginType } from "@hitagi/contract";
import type { Lock, PluginCommit, PluginRecord, PluginStore, Provenance, StoredVersion } from "../types.ts";
import type { Connection } from "./connection.ts";

interface Row {
  namespace: Namespace;
  type: PluginType | null;
  path: string | null;
  version: string | null;
  registry: string | null;
  sha256: string | null;
  settings: string;
  secrets: string;
  enabled: number;
  hidden: number;
  priority: number;
  granted: string;
  quarantine_reason: string | null;
  quarantine_since: number | null;
}

const provenanceOf = ({ path, version, registry, sha256, type }: Row): Provenance | undefined =>
  path === null || version === null || sha256 === null || type === null
    ? undefined
    : { path, version, registry, sha256, type };

const toRecord = (row: Row): PluginRecord => ({
  namespace: row.namespace,
  type: row.type ?? undefined,
  provenance: provenanceOf(row),
  settings: JSON.parse(row.settings) as PluginRecord["settings"],
  secrets: JSON.parse(row.secrets) as PluginRecord["secrets"],
  enabled: row.enabled === 1,
  hidden: row.hidden === 1,
  priority: row.priority,
  granted: JSON.parse(row.granted) as Permissions,
  quarantine:
    row.quarantine_reason === null
      ? undefined
      : { reason: row.quarantine_reason, since: row.quarantine_since ?? 0 },
});

const toVersion = (row: Omit<StoredVersion, "granted"> & { granted: string }): StoredVersion => ({
  ...row,
  granted: JSON.parse(row.granted) as Permissions,
});

const notFound = (namespace: Namespace) => new HitagiError("PLUGIN_NOT_FOUND", { namespace });

const merge = <T>(before: Record<string, T>, changes: ReadonlyMap<string, T | null>): Record<string, T> => {
  const merged = new Map(Object.entries(before));
  for (const [name, value] of changes) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
};

/** The record's settings after a change, and which of them are secrets, as JSON. */
const changed = (
  { settings, secrets }: PluginRecord,
  values: Parameters<PluginStore["set"]>[1],
  entered: Record<string, string>,
): [settings: string, secrets: string] => {
  const sources = new Map(Object.entries(entered));
  const names = Object.entries(values).map(
    ([name, value]) => [name, value === null ? null : (sources.get(name) ?? null)] as const,
  );
  return [
    JSON.stringify(merge(settings, new Map(Object.entries(values)))),
    JSON.stringify(merge(secrets, new Map(names))),
  ];
};

const statements = ({ prepare, all, change }: Connection) => ({
  get: prepare("SELECT * FROM plugins WHERE namespace = ?"),
  list: all<Row>("SELECT * FROM plugins ORDER BY namespace"),
  registry: prepare("SELECT 1 FROM registries WHERE id = ?"),
  put: prepare(`INSERT INTO plugins (namespace, type, path, version, registry, sha256, granted)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace) DO UPDATE SET type = excluded.type, path = excluded.path, version = excluded.version,
      registry = excluded.registry, sha256 = excluded.sha256, granted = excluded.granted,
      quarantine_reason = NULL, quarantine_since = NULL`),
  clear:
    prepare(`UPDATE plugins SET path = NULL, version = NULL, registry = NULL, sha256 = NULL, granted = '{}',
    quarantine_reason = NULL, quarantine_since = NULL WHERE namespace = ?`),
  keep: prepare(`INSERT OR REPLACE INTO plugin_versions
    (namespace, sha256, version, registry, path, type, granted, installed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
  register: change(`INSERT INTO plugins (namespace, type) VALUES (?, ?)
    ON CONFLICT (namespace) DO UPDATE SET type = excluded.type WHERE type IS NULL`),
  configure: prepare(`UPDATE plugins SET enabled = coalesce(?, enabled), hidden = coalesce(?, hidden),
    priority = coalesce(?, priority) WHERE namespace = ?`),
  settings: prepare("UPDATE plugins SET settings = ?, secrets = ? WHERE namespace = ?"),
  grant: prepare("UPDATE plugins SET granted = ? WHERE namespace = ?"),
  quarantine: change(`UPDATE plugins SET quarantine_reason = ?, quarantine_since = ?
    WHERE namespace = ? AND (sha256 IS NULL OR sha256 = ifnull(?, sha256))`),
  versions: all<
    Parameters<typeof toVersion>[0]
  >(`SELECT version, sha256, registry, installed, path, type, granted FROM plugin_versions
    WHERE namespace = ? ORDER BY seq DESC`),
  prune: prepare(`DELETE FROM plugin_versions WHERE namespace = ?1 AND seq NOT IN
    (SELECT seq FROM plugin_versions WHERE namespace = ?1 ORDER BY seq DESC LIMIT ?2) RETURNING sha256`),
  named:
    prepare(`SELECT value AS sha256 FROM json_each(?) WHERE EXISTS (SELECT 1 FROM plugins WHERE sha256 = value)
    OR EXISTS (SELECT 1 FROM plugin_versions WHERE sha256 = value)`),
  owners: all<{ namespace: Namespace }>(
    "SELECT namespace FROM plugins WHERE lower(path) = lower(?) ORDER BY namespace",
  ),
});

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));

/** The plugin records of a SQLite store. Namespaces are kept in small letters. */
export const createPluginStore = (connection: Connection, isHeld: (lock: Lock) => boolean): PluginStore => {
  const sql = statements(connection);
  const find = (namespace: Namespace): Row | undefined => sql.get.get(namespace) as Row | undefined;
  const named = (hashes: readonly string[]): ReadonlySet<string> =>
    new Set((sql.named.all(JSON.stringify(hashes)) as { sha256: string }[]).map(({ sha256 }) => sha256));
  const changeOne = (namespace: Namespace, change: (key: Namespace) => { changes: number }): Promise<void> =>
    connection.write(() => {
      if (change(namespace).changes === 0) throw notFound(namespace);
    });

  const install = (key: string, after: NonNullable<PluginCommit["after"]>, now: number): void => {
    const { path, version, registry, sha256, type } = after.provenance;
    if (registry !== null && !after.orphan && !sql.registry.get(registry)) {
      throw new HitagiError("REGISTRY_NOT_FOUND", { id: registry });
    }
    const granted = JSON.stringify(after.granted);
    sql.put.run(key, type, path, version, registry, sha256, granted);
    sql.keep.run(key, sha256, version, registry, path, type, granted, Math.floor(now));
  };

  return {
    get: (namespace) =>
      connection.read(() => {
        const row = find(namespace);
        return row && toRecord(row);
      }),
    list: async () => (await sql.list()).map(toRecord),
    commit: ({ namespace, expect, after, under = [], now }) =>
      connection.write(() => {
        const lost = under.find((lock) => !isHeld(lock));
        if (lost) throw new HitagiError("LOCK_LOST", { what: lost.key });
        if ((find(namespace)?.sha256 ?? undefined) !== expect)
          throw new HitagiError("PLUGIN_CHANGED", { namespace });
        if (after) install(namespace, after, now);
        else sql.clear.run(namespace);
      }),
    register: async (namespace, type) => void (await sql.register(namespace, type)),
    configure: (namespace, { enabled, hidden, priority }) =>
      changeOne(namespace, (key) => sql.configure.run(flag(enabled), flag(hidden), priority ?? null, key)),
    set: (namespace, values, secrets = {}) =>
      changeOne(namespace, (key) => {
        const row = find(key);
        return row ? sql.settings.run(...changed(toRecord(row), values, secrets), key) : { changes: 0 };
      }),
    grant: (namespace, granted) => changeOne(namespace, (key) => sql.grant.run(JSON.stringify(granted), key)),
    quarantine: async (namespace, state, of) =>
      void (await sql.quarantine(state?.reason ?? null, state?.since ?? null, namespace, of ?? null)),
    versions: async (namespace) => (await sql.versions(namespace)).map(toVersion),
    prune: (namespace, keep) =>
      connection.write(() => {
        const forgotten = (sql.prune.all(namespace, keep) as { sha256: string }[]).map((v) => v.sha256);
        const still = named(forgotten);
        return forgotten.filter((sha256) => !still.has(sha256));
      }),
    named: (hashes) => connection.read(() => named(hashes)),
    ownersOf: async (path) => (await sql.owners(path)).map(({ namespace }) => namespace),
  };
};
