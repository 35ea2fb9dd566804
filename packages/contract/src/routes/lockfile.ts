import { Type } from "typebox";
import { HeadNumber, Lockfile, MirroredFile, MirrorMark, SyncPlan } from "../lockfile.ts";
import { RawNamespace } from "../namespace.ts";
import { RegistryReference } from "../registries.ts";
import { Text } from "../registry-index.ts";
import { Nullable } from "../scalars.ts";
import { answer, queuedJob, routes } from "./route.ts";

const syncBody = Type.Object(
  {
    lock: Lockfile,
    prune: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Whether to remove what is installed and not in the lock file; settings stay.",
      }),
    ),
    registries: Type.Optional(
      Type.Record(Text, Type.String({ pattern: "^REG_[0-9]{10}$" }), {
        maxProperties: 1000,
        description:
          "By names of the lock file, the ids of registries here that take their place, such as a mirror's. One that is signed is " +
          "found by its key.",
      }),
    ),
  },
  { additionalProperties: false },
);

const example = {
  lock: { lockfile: 1, registries: {}, plugins: {} },
  prune: false,
} as const;

/** The same set of plugins elsewhere: lock files and mirrors. */
export const lockfileRoutes = routes({
  exportSet: {
    method: "GET",
    path: "/api/export",
    operation: "export_set",
    summary: "The registries and plugins of this server as a lock file, without secrets",
    tag: "plugins",
    scope: "read",
    response: answer("export_set", { lock: Lockfile }),
  },
  planSync: {
    method: "POST",
    path: "/api/sync/plan",
    operation: "plan_sync",
    summary:
      "What a sync of a lock file would change. It refreshes the registries that are here already, and changes nothing else",
    tag: "plugins",
    scope: "manage",
    body: syncBody,
    example,
    response: answer("plan_sync", { plan: SyncPlan }),
  },
  syncSet: {
    method: "POST",
    path: "/api/sync",
    operation: "sync_set",
    summary:
      "Make this server's plugins those of a lock file, in a job, in one go or not at all. The job's data is the plan that it carried out",
    tag: "plugins",
    scope: "manage",
    body: syncBody,
    example,
    response: answer("sync_set", queuedJob),
  },
  planMirror: {
    method: "POST",
    path: "/api/registries/:id/mirror",
    operation: "plan_mirror",
    summary: "Refresh a registry, and list the files of a mirror of it",
    tag: "registries",
    scope: "manage",
    params: Type.Object({ id: RegistryReference }),
    body: Type.Object(
      {
        all: Type.Optional(
          Type.Boolean({
            default: false,
            description: "Whether to list all files that the registry offers.",
          }),
        ),
        plugins: Type.Optional(
          Type.Array(RawNamespace, {
            maxItems: 10_000,
            description:
              "The plugins whose files are listed, in all their versions; by default the installed versions from this registry.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { plugins: ["comic-tags"] },
    response: answer("plan_mirror", {
      mark: MirrorMark,
      /** The accepted head; null if it is not signed. */
      head: Nullable(HeadNumber),
      /** The registry's own files, in the order in which a mirror writes them: the head is the last. */
      documents: Type.Array(Type.Object({ path: Type.String(), sha256: Type.String() })),
      files: Type.Array(MirroredFile),
    }),
  },
  getMirrorFile: {
    method: "GET",
    path: "/api/registries/:id/mirror/file",
    operation: "get_mirror_file",
    summary: "The bytes of one file that a mirror of a registry has: one of its own, or one that it offers",
    tag: "registries",
    scope: "manage",
    params: Type.Object({ id: RegistryReference }),
    query: Type.Object({
      path: Type.String({
        minLength: 1,
        maxLength: 1024,
        description: "The file's path in the registry.",
      }),
      namespace: Type.Optional(
        Type.String({
          pattern: "^[A-Za-z0-9_-]+$",
          maxLength: 128,
          description: "The plugin whose file it is; absent for one of the registry's own files.",
        }),
      ),
    }),
    media: "application/octet-stream",
    response: Type.String(),
  },
});
