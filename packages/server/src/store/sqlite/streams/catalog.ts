import type { RecordStream, RegistryRecord, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readRegistries, readVersions } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import type { Connection } from "../connection.ts";
import { putEach, tableStream, upsert } from "./table-stream.ts";

type Plugin = StreamRecords["plugins"];
type Version = StreamRecords["versions"];
type ExternalIndex = StreamRecords["originals"];

export const registryIdStream = (connection: Connection): RecordStream<StreamRecords["registryIds"]> =>
  tableStream(connection, { name: "registry_ids", columns: "id", key: "id" }, { order: { id: "" } });

export const registryStream = (
  connection: Connection,
  store: Pick<Store, "registries">,
): RecordStream<RegistryRecord> => {
  const { prepare } = connection;
  const put = upsert<RegistryRecord>(connection, {
    name: "registries",
    columns: "id, name, provider, url, ref, path, folder, lenient, failure, moved, created, updated",
    key: "id",
    toRow: ({ credential, default: _, lenient, failure, ...fields }) => ({
      ...fields,
      lenient: Number(lenient ?? false),
      failure: failure && JSON.stringify(failure),
    }),
  });
  const putSecret = prepare(
    "INSERT OR REPLACE INTO registry_credentials (registry, kind, secret) VALUES (?, ?, ?)",
  );
  const dropSecret = prepare("DELETE FROM registry_credentials WHERE registry = ?");
  const putDefault = prepare("INSERT OR REPLACE INTO default_registry (one, id) VALUES (1, ?)");
  return {
    pages: onePage(readRegistries(store)),
    put: putEach(connection, (record) => {
      put(record);
      const { id, credential } = record;
      if (credential) putSecret.run(id, credential.kind, credential.secret);
      else dropSecret.run(id);
      if (record.default) putDefault.run(id);
    }),
  };
};

export const externalIndexStream = (connection: Connection): RecordStream<ExternalIndex> =>
  tableStream<ExternalIndex>(
    connection,
    { name: "foreign_indexes", columns: "registry, document", key: "registry" },
    {
      order: { registry: "" },
      toRecord: ({ registry, document }: { registry: string; document: Uint8Array }) => ({
        registry,
        document: Buffer.from(document),
      }),
      pageSize: 1,
    },
  );

export const pluginStream = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): RecordStream<Plugin> => {
  const put = upsert<Plugin>(connection, {
    name: "plugins",
    columns:
      "namespace, type, path, version, registry, sha256, settings, secrets, enabled, hidden, priority, granted, quarantine_reason, quarantine_since",
    key: "namespace",
    toRow: ({ namespace, type, provenance, priority, quarantine, ...record }) => ({
      ...provenance,
      ...{ namespace, type, priority },
      settings: JSON.stringify(record.settings),
      secrets: JSON.stringify(record.secrets),
      granted: JSON.stringify(record.granted),
      enabled: Number(record.enabled),
      hidden: Number(record.hidden),
      quarantine_reason: quarantine?.reason,
      quarantine_since: quarantine && Math.floor(quarantine.since),
    }),
  });
  return { pages: onePage(() => plugins.list()), put: putEach(connection, put) };
};

export const versionStream = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): RecordStream<Version> => {
  const put = upsert<Version>(connection, {
    name: "plugin_versions",
    columns: "namespace, sha256, version, registry, path, type, granted, installed",
    key: "namespace, sha256",
    toRow: ({ granted, ...version }) => ({ ...version, granted: JSON.stringify(granted) }),
  });
  return { pages: onePage(readVersions(store)), put: putEach(connection, put) };
};
