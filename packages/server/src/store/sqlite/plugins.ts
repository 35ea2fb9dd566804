import { HitagiError, Namespace } from "@hitagi/contract";
import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import { changedChoices, type UpdateChange } from "../contract/plugin-updates.ts";
import { PluginRecord, StoredVersion } from "../contract/plugins.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import { onePage, readVersions } from "../record-streams.ts";
import type { Lock, PluginCommit, PluginStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { putEach, recordsOf, type Table } from "./table.ts";

export const plugins: Table<PluginRecord> = {
  name: "plugins",
  columns:
    "namespace, type, path, version, registry, sha256, settings, secrets, enabled, hidden, priority, granted, quarantine_reason, quarantine_since, quarantine_cause, updates",
  key: "namespace",
  check: recordCheck(PluginRecord),
  order: { namespace: "" },
  json: ["settings", "secrets", "granted", "updates"],
  toRow: ({ provenance, type, enabled, hidden, quarantine, ...record }) => ({
    ...record,
    ...provenance,
    ...{ type, enabled: Number(enabled), hidden: Number(hidden) },
    quarantine_reason: quarantine?.reason,
    quarantine_since: quarantine && Math.floor(quarantine.since),
    quarantine_cause: quarantine?.cause,
  }),
  fromRow: ({
    path,
    version,
    registry,
    sha256,
    type,
    quarantine_reason: reason,
    quarantine_since,
    quarantine_cause: cause,
    updates,
    ...row
  }) => ({
    ...row,
    type: type ?? undefined,
    provenance: [path, version, sha256, type].includes(null)
      ? undefined
      : { path, version, registry, sha256, type },
    enabled: row.enabled === 1,
    hidden: row.hidden === 1,
    quarantine:
      reason === null
        ? undefined
        : { reason, since: quarantine_since ?? 0, ...(cause !== null && { cause }) },
    updates: updates ?? undefined,
  }),
};

const versions: Table<StreamRecords["versions"]> = {
  name: "plugin_versions",
  columns: "namespace, sha256, version, registry, path, type, granted, installed, left_by",
  key: "namespace, sha256",
  check: recordCheck(Type.Object({ namespace: Namespace, ...StoredVersion.properties })),
  order: { seq: 0 },
  json: ["granted", "left_by"],
  toRow: ({ left, ...version }) => ({ ...version, left_by: left }),
  fromRow: ({ left_by, ...version }) => ({ ...version, left: left_by ?? undefined }),
};

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
  sha256: prepare("SELECT sha256 FROM plugins WHERE namespace = ? AND sha256 IS NOT NULL"),
  registry: prepare("SELECT 1 FROM registries WHERE id = ?"),
  put: prepare(`INSERT INTO plugins (namespace, type, path, version, registry, sha256, granted)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace) DO UPDATE SET type = excluded.type, path = excluded.path, version = excluded.version,
      registry = excluded.registry, sha256 = excluded.sha256, granted = excluded.granted,
      quarantine_reason = NULL, quarantine_since = NULL, quarantine_cause = NULL`),
  clear:
    prepare(`UPDATE plugins SET path = NULL, version = NULL, registry = NULL, sha256 = NULL, granted = '{}',
    quarantine_reason = NULL, quarantine_since = NULL, quarantine_cause = NULL WHERE namespace = ?`),
  drop: prepare(`UPDATE plugins SET settings = '{}', secrets = '{}', enabled = 0, hidden = 0, priority = 0, updates = NULL
    WHERE namespace = ?`),
  leave: prepare("UPDATE plugin_versions SET left_by = ? WHERE namespace = ? AND sha256 = ?"),
  updates: prepare("UPDATE plugins SET updates = ? WHERE namespace = ?"),
  register: change(`INSERT INTO plugins (namespace, type) VALUES (?, ?)
    ON CONFLICT (namespace) DO UPDATE SET type = excluded.type WHERE type IS NULL`),
  configure: prepare(`UPDATE plugins SET enabled = coalesce(?, enabled), hidden = coalesce(?, hidden),
    priority = coalesce(?, priority) WHERE namespace = ?`),
  settings: prepare("UPDATE plugins SET settings = ?, secrets = ? WHERE namespace = ?"),
  grant: prepare("UPDATE plugins SET granted = ? WHERE namespace = ?"),
  quarantine: change(`UPDATE plugins SET quarantine_reason = ?, quarantine_since = ?, quarantine_cause = ?
    WHERE namespace = ? AND (sha256 IS NULL OR sha256 = ifnull(?, sha256))`),
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
  const records = recordsOf(connection, plugins);
  const find = records.select("WHERE namespace = ?");
  const keep = recordsOf(connection, versions).insert("INSERT OR REPLACE");
  const versionsOf = recordsOf(connection, versions).all("WHERE namespace = ? ORDER BY seq DESC");
  const named = (hashes: readonly string[]): ReadonlySet<string> =>
    new Set((sql.named.all(JSON.stringify(hashes)) as { sha256: string }[]).map(({ sha256 }) => sha256));
  const changeOne = (namespace: Namespace, change: (key: Namespace) => { changes: number }): Promise<void> =>
    connection.write(() => {
      if (change(namespace).changes === 0) throw notFound(namespace);
    });

  const install = (namespace: Namespace, after: NonNullable<PluginCommit["after"]>, now: number): void => {
    const { provenance, granted, orphan } = after;
    const { path, version, registry, sha256, type } = provenance;
    if (registry !== null && !orphan && !sql.registry.get(registry)) {
      throw new HitagiError("REGISTRY_NOT_FOUND", { id: registry });
    }
    sql.put.run(namespace, type, path, version, registry, sha256, JSON.stringify(granted));
    keep({ namespace, ...provenance, granted, installed: Math.floor(now) });
  };

  const putUpdates = (namespace: Namespace, updates: UpdateChange): { changes: number } => {
    const [record] = find(namespace);
    if (!record) return { changes: 0 };
    return sql.updates.run(JSON.stringify(changedChoices(record.updates, updates) ?? null), namespace);
  };

  const commitOne = (change: PluginCommit): void => {
    const { namespace, expect, after, left, updates, dropsSettings = false, under = [], now } = change;
    const lost = under.find((lock) => !isHeld(lock));
    if (lost) throw new HitagiError("LOCK_LOST", { what: lost.key });
    if ((sql.sha256.get(namespace) as { sha256: string } | undefined)?.sha256 !== expect)
      throw new HitagiError("PLUGIN_CHANGED", { namespace });
    if (left && expect) sql.leave.run(JSON.stringify(left), namespace, expect);
    if (after) install(namespace, after, now);
    else sql.clear.run(namespace);
    if (updates) putUpdates(namespace, updates);
    if (dropsSettings && !after) sql.drop.run(namespace);
  };

  return {
    get: (namespace) => connection.read(() => find(namespace)[0]),
    list: records.all("ORDER BY namespace"),
    commit: (...changes) =>
      connection.write(() => {
        for (const change of changes) commitOne(change);
      }),
    register: async (namespace, type) => void (await sql.register(namespace, type)),
    configure: (namespace, { enabled, hidden, priority }) =>
      changeOne(namespace, (key) => sql.configure.run(flag(enabled), flag(hidden), priority ?? null, key)),
    set: (namespace, values, secrets = {}) =>
      changeOne(namespace, (key) => {
        const [record] = find(key);
        return record ? sql.settings.run(...changed(record, values, secrets), key) : { changes: 0 };
      }),
    changeUpdates: (namespace, updates) => changeOne(namespace, (key) => putUpdates(key, updates)),
    grant: (namespace, granted) => changeOne(namespace, (key) => sql.grant.run(JSON.stringify(granted), key)),
    quarantine: async (namespace, state, of) =>
      void (await sql.quarantine(
        ...[state?.reason ?? null, state?.since ?? null, state?.cause ?? null, namespace, of ?? null],
      )),
    versions: async (namespace) =>
      (await versionsOf(namespace)).map(({ namespace: _, ...version }) => version),
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

export const pluginStream = (
  connection: Connection,
  { list }: Pick<PluginStore, "list">,
): RecordStream<PluginRecord> => ({
  pages: onePage(list),
  put: putEach(connection, recordsOf(connection, plugins).upsert()),
});

export const versionStream = (
  connection: Connection,
  store: PluginStore,
): RecordStream<StreamRecords["versions"]> => ({
  pages: onePage(readVersions({ plugins: store })),
  put: putEach(connection, recordsOf(connection, versions).upsert()),
});
