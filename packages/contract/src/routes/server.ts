import { Type } from "typebox";
import { DoctorFinding } from "../doctor.ts";
import { NodeInfo } from "../nodes.ts";
import { Fault } from "../registries.ts";
import { answer, routes } from "./route.ts";

export const serverRoutes = routes({
  getInfo: {
    method: "GET",
    path: "/api/info",
    operation: "get_info",
    summary: "Information about this server",
    tag: "server",
    open: true,
    response: Type.Object({
      name: Type.String(),
      motd: Type.String(),
      version: Type.String(),
      version_name: Type.String(),
      version_desc: Type.String(),
      has_password: Type.Boolean(),
      debug_mode: Type.Boolean(),
      nofun_mode: Type.Boolean(),
      archives_per_page: Type.Integer(),
      server_resizes_images: Type.Boolean(),
      server_tracks_progress: Type.Boolean(),
      authenticated_progress: Type.Boolean(),
      total_pages_read: Type.Integer(),
      total_archives: Type.Integer(),
      cache_last_cleared: Type.Integer(),
      excluded_namespaces: Type.Array(Type.String()),
      /** Always false: no change of a plugin or a registry needs a restart. */
      restart_required: Type.Boolean(),
    }),
  },
  listNodes: {
    method: "GET",
    path: "/api/nodes",
    operation: "list_nodes",
    summary: "The servers on the same store, ordered by their start",
    tag: "server",
    scope: "read",
    response: answer("list_nodes", { nodes: Type.Array(NodeInfo) }),
  },
  getServerSettings: {
    method: "GET",
    path: "/api/settings",
    operation: "get_server_settings",
    summary: "The settings that this server runs with, without secrets, and its machine",
    tag: "server",
    scope: "manage",
    storeless: true,
    response: answer("get_server_settings", {
      /** The host name of its machine. */
      host: Type.String(),
      /** The value of each setting that is no secret, by its name in the settings table. */
      settings: Type.Record(Type.String(), Type.Unknown()),
      /** The names of those whose value is not the default: the environment of the server, or an option, set it. */
      changed: Type.Array(Type.String()),
      /** The names of the secret settings that are set. */
      secrets: Type.Array(Type.String()),
    }),
  },
  listBadRecords: {
    method: "GET",
    path: "/api/store/bad-records",
    operation: "list_bad_records",
    summary: "The records in the store that cannot be used and are left out. Reads all records",
    tag: "server",
    scope: "manage",
    response: answer("list_bad_records", {
      records: Type.Array(
        Type.Object({
          /** A key of Redis with its field, or a table of SQLite with the key of a row. */
          place: Type.String(),
          /** What is wrong. */
          reason: Type.String(),
          /** The command of Redis or SQLite that deletes it. */
          remove: Type.String(),
        }),
      ),
    }),
  },
  examineServer: {
    method: "POST",
    path: "/api/doctor",
    operation: "examine_server",
    summary:
      "Check everything that this server needs, as `hitagi doctor` does, and say what to do. Changes nothing, and may take seconds",
    tag: "server",
    scope: "manage",
    response: answer("examine_server", { findings: Type.Array(DoctorFinding) }),
  },
  getMetrics: {
    method: "GET",
    path: "/metrics",
    operation: "get_metrics",
    summary: "Metrics in Prometheus' text format, version 0.0.4",
    tag: "server",
    scope: "read",
    storeless: true,
    media: "text/plain",
    response: Type.String(),
  },
  getHealth: {
    method: "GET",
    path: "/healthz",
    operation: "health",
    summary: "Whether the server can work: its store, its runtimes, its plugins",
    tag: "server",
    open: true,
    response: Type.Object({
      status: Type.Enum(["ok", "degraded"]),
      store: Type.Enum(["ok", "failed"]),
      /** Why the store failed, as answers to calls would say it; absent where it did not. */
      storeFault: Type.Optional(Fault),
      /** Where servers on one store share the bytes of plugins; absent if they share them in the store. */
      artifacts: Type.Optional(Type.Enum(["ok", "failed"])),
      /** Why it failed, likewise. */
      artifactsFault: Type.Optional(Fault),
      runtimes: Type.Record(Type.String(), Type.Enum(["ok", "unavailable", "off"])),
      /** The disk of the data folder or that of the plugins, whichever has less free space: `low` below 1 GB, `full` below 64 MB. */
      disk: Type.Optional(Type.Enum(["ok", "low", "full"])),
      plugins: Type.Integer(),
      quarantined: Type.Integer(),
    }),
  },
  makeBackup: {
    method: "POST",
    path: "/api/backup",
    operation: "make_backup",
    summary:
      "Everything that this server keeps, secrets included, as one .tar.gz while it works. Its last file is a manifest with " +
      "the hash of each other one: an answer without it was cut short",
    tag: "server",
    scope: "manage",
    body: Type.Object({
      library: Type.Optional(Type.Boolean({ default: false, description: "Whether the archives come too." })),
    }),
    example: { library: false },
    media: "application/gzip",
    response: Type.String(),
  },
});
