import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readVersions } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { putEach } from "./keyset.ts";

export const pluginStream = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): RecordStream<StreamRecords["plugins"]> => {
  const insert =
    connection.prepare(`INSERT OR REPLACE INTO plugins (namespace, type, path, version, registry, sha256,
    settings, secrets, enabled, hidden, priority, granted, quarantine_reason, quarantine_since)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const put = (r: StreamRecords["plugins"]): void => {
    const { path = null, version = null, registry = null, sha256 = null } = r.provenance ?? {};
    const [settings, secrets, granted] = [r.settings, r.secrets, r.granted].map((v) => JSON.stringify(v));
    const flags = [Number(r.enabled), Number(r.hidden), r.priority];
    const lock = [r.quarantine?.reason ?? null, r.quarantine ? Math.floor(r.quarantine.since) : null];
    const from = [r.type ?? null, path, version, registry, sha256];
    insert.run(r.namespace, ...from, settings, secrets, ...flags, granted, ...lock);
  };
  return { pages: onePage(() => plugins.list()), put: putEach(connection, put) };
};

export const versionStream = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): RecordStream<StreamRecords["versions"]> => {
  const insert = connection.prepare(`INSERT INTO plugin_versions
    (namespace, sha256, version, registry, path, type, granted, installed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace, sha256) DO UPDATE SET version = excluded.version, registry = excluded.registry,
      path = excluded.path, type = excluded.type, granted = excluded.granted, installed = excluded.installed`);
  const put = (r: StreamRecords["versions"]): void => {
    const granted = JSON.stringify(r.granted);
    insert.run(r.namespace, r.sha256, r.version, r.registry, r.path, r.type, granted, r.installed);
  };
  return { pages: onePage(readVersions(store)), put: putEach(connection, put) };
};
