import { Type } from "typebox";
import { Batch, BatchCounts, BatchFailure, BatchItem, BatchOutcome, BatchPreview } from "../batch.ts";
import { RawNamespace } from "../namespace.ts";
import { described } from "../scalars.ts";
import { selection } from "./archives.ts";
import { answer, paged, pageQuery, queuedJob, routes } from "./route.ts";

const byJob = Type.Object({
  job: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "The job of the batch." }),
});

export const BatchSearch = Type.Object(selection, {
  additionalProperties: false,
  minProperties: 1,
  description: "Instead of `ids` the archives that a search finds now.",
});

/** What a batch runs, and on which archives. */
const work = {
  plugin: Type.Optional(
    described(
      "The metadata plugin; where absent the chain: all enabled metadata plugins, in their order and under its conditions.",
      RawNamespace,
    ),
  ),
  by_source: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        "Runs on each archive the metadata plugin that reads its first known `source:` tag, with the address as its argument. Not with `plugin` or `arg`.",
    }),
  ),
  ids: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      minItems: 1,
      maxItems: 100_000,
      description: "The ids of the archives, unless `search` or `all` is given.",
    }),
  ),
  search: Type.Optional(BatchSearch),
  all: Type.Optional(Type.Literal(true, { description: "All archives, instead of `ids`." })),
  arg: Type.Optional(Type.String({ maxLength: 65_536, description: "The one-shot argument of the plugin." })),
};

export const batchRoutes = routes({
  startBatch: {
    method: "POST",
    path: "/api/plugins/batch",
    operation: "start_batch",
    summary:
      "Run a metadata plugin, the chain, or those that read the sources of archives, over many archives in a job; what they find is written to the archives",
    tag: "plugins",
    scope: "use",
    body: Type.Object(work, { additionalProperties: false }),
    example: { plugin: "comic-info", all: true },
    response: answer("start_batch", queuedJob),
  },
  previewBatch: {
    method: "POST",
    path: "/api/plugins/batch/preview",
    operation: "preview_batch",
    summary:
      "What a batch would do: on how many archives, and on the first ones what its plugins find and what the field policy holds back; nothing is stored, and a plugin that may change the library is not run",
    tag: "plugins",
    scope: "use",
    body: Type.Object(
      {
        ...work,
        size: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 50,
            default: 10,
            description:
              "On how many of the archives the plugins are run; by source, first on those whose source a plugin reads.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { plugin: "comic-info", all: true, size: 5 },
    response: answer("preview_batch", { preview: BatchPreview }),
  },
  listBatches: {
    method: "GET",
    path: "/api/plugins/batch",
    operation: "list_batches",
    summary: "The newest batches, each with its counts and pauses",
    tag: "plugins",
    scope: "read",
    query: Type.Object({
      size: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200, default: 20, description: "The most batches." }),
      ),
    }),
    response: answer("list_batches", { batches: Type.Array(Batch) }),
  },
  getBatch: {
    method: "GET",
    path: "/api/plugins/batch/:job",
    operation: "get_batch",
    summary: "The result of a batch for each archive, also while it runs; kept as long as its job",
    tag: "plugins",
    scope: "read",
    params: byJob,
    query: Type.Object({
      outcome: Type.Optional(described("Only archives with this outcome.", BatchOutcome)),
      ...pageQuery,
    }),
    response: answer("get_batch", {
      batch: Batch,
      counts: BatchCounts,
      /** The failures of all archives by reason, most archives first. */
      failures: Type.Array(BatchFailure),
      ...paged(BatchItem),
    }),
  },
  retryBatch: {
    method: "POST",
    path: "/api/plugins/batch/:job/retry",
    operation: "retry_batch",
    summary: "Run the plugins of a batch again, in a new batch over the archives on which one failed",
    tag: "plugins",
    scope: "use",
    params: byJob,
    response: answer("retry_batch", { ...queuedJob, archives: Type.Integer() }),
  },
  pauseBatch: {
    method: "POST",
    path: "/api/plugins/batch/:job/pause",
    operation: "pause_batch",
    summary:
      "Pause a batch until it is resumed, once the archives that it is at have ended; it keeps its place",
    tag: "plugins",
    scope: "use",
    params: byJob,
    response: answer("pause_batch", { job: Type.Integer() }),
  },
  resumeBatch: {
    method: "POST",
    path: "/api/plugins/batch/:job/resume",
    operation: "resume_batch",
    summary: "Let a paused batch go on now",
    tag: "plugins",
    scope: "use",
    params: byJob,
    response: answer("resume_batch", { job: Type.Integer() }),
  },
  undoBatch: {
    method: "POST",
    path: "/api/plugins/batch/:job/undo",
    operation: "undo_batch",
    summary: "Revert the changes of a batch, in a job; later changes stay",
    tag: "plugins",
    scope: "use",
    params: byJob,
    response: answer("undo_batch", queuedJob),
  },
});
