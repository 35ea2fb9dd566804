import type { HistoryEntry } from "@hitagi/contract";
import { expect, it, vi } from "vitest";
import { cbz } from "../../library/cbz.ts";
import type { World } from "../calls.test.ts";
import { archiveForm } from "./archives.ts";

interface Tried {
  outcome: string;
  skipped: { code: string } | null;
}

export const batchCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const upload = async (name: string) =>
    (await call("uploadArchive", { payload: archiveForm(`${name}.cbz`, cbz(name)) })).body.id as string;
  const tagsOf = async (id: string) =>
    (await call("getArchiveMetadata", { params: { id } })).body.tags as string;

  it("run over archives in a job, are reported and undone", async () => {
    const ids = [await upload("batch one"), await upload("batch two")];
    const started = await call("startBatch", { body: { plugin: "Tagger", ids } });
    expect(started.status).toBe(200);
    const job = started.body.job as number;
    expect((await world().server.ended(job)).result).toMatchObject({ success: 1, data: { changed: 2 } });
    expect(await tagsOf(ids[0] ?? "")).toContain("tagged:");

    const report = await call("getBatch", { params: { job }, query: { outcome: "changed", size: 1 } });
    expect(report.body).toMatchObject({
      counts: { changed: 2, failed: 0 },
      total: 2,
      items: [{ archive: ids[0], before: { tags: "" }, after: { title: "T" }, errors: [] }],
    });

    const undo = await call("undoBatch", { params: { job } });
    expect((await world().server.ended(undo.body.job)).result).toMatchObject({ data: { undone: 2 } });
    expect(await tagsOf(ids[0] ?? "")).toBe("");

    const second = await call("undoBatch", { params: { job } });
    await world().server.ended(second.body.job);
    await vi.waitFor(async () => {
      const undone = (await call("listHistory", { query: { action: "undo_batch", size: 2 } })).body.items;
      expect(undone.map((entry: HistoryEntry) => entry.job)).toEqual([second.body.job, undo.body.job]);
    });
    const { items } = (await call("listHistory", { query: { archive: ids[0] } })).body;
    expect(items.map((entry: HistoryEntry) => [entry.action, entry.job, entry.details?.outcome])).toEqual([
      ["undo_batch", undo.body.job, "undone"],
      ["run_batch", job, "changed"],
      ["upload", null, undefined],
    ]);
  });

  it("run over the archives of a search, and the history shows what changed in each", async () => {
    const id = await upload("batch found");
    await upload("batch other");
    const body = { plugin: "tagger", search: { q: "batch found" } };
    const { job } = (await call("startBatch", { body })).body;
    expect((await world().server.ended(job)).args).toEqual(["tagger", [id], null]);
    await call("putArchiveMetadata", {
      params: { id },
      body: new URLSearchParams({ title: "By hand" }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    await vi.waitFor(async () => {
      const { items } = (await call("listHistory", { query: { archive: id } })).body;
      expect(items.slice(0, 2)).toMatchObject([
        {
          action: "update_metadata",
          details: { change: { before: { title: "T" }, after: { title: "By hand" } } },
        },
        { action: "run_batch", details: { change: { before: { tags: "" }, after: { title: "T" } } } },
      ]);
    });
    const { job: single } = (await call("queuePlugin", { query: { plugin: "tagger", id } })).body;
    await world().server.ended(single);
    await vi.waitFor(async () => {
      const { items } = (await call("listHistory", { query: { archive: id, size: 1 } })).body;
      expect(items).toMatchObject([
        { job: single, details: { change: { before: { title: "By hand" }, after: { title: "T" } } } },
      ]);
    });
    const none = await call("startBatch", { body: { plugin: "tagger", search: { q: "no such archive" } } });
    expect([none.status, none.body.code]).toEqual([404, "SEARCH_EMPTY"]);
    const both = await call("startBatch", { body: { all: true, search: { q: "x" } } });
    expect(both.body.code).toBe("VALIDATION_FAILED");
    await call("deleteArchive", { params: { id } });
  });

  it("are listed, and those that failed are run again in a new batch", async () => {
    const id = await upload("batch retried");
    const missing = "0".repeat(40);
    const { job } = (await call("startBatch", { body: { plugin: "tagger", ids: [id, missing] } })).body;
    await world().server.ended(job);
    const { body } = await call("getBatch", { params: { job }, query: { outcome: "failed" } });
    expect(body).toMatchObject({
      batch: {
        job,
        plugin: "tagger",
        state: "finished",
        pauses: [],
        paused: false,
        resumes: null,
        error: null,
      },
      failures: [{ plugin: "tagger", code: "ARCHIVE_NOT_FOUND", count: 1, archives: [missing] }],
      items: [{ archive: missing }],
    });
    const { batches } = (await call("listBatches", { query: { size: 1 } })).body;
    expect(batches).toMatchObject([{ job, counts: { changed: 1, failed: 1 } }]);
    const retried = await call("retryBatch", { params: { job } });
    expect(retried.body.archives).toBe(1);
    expect((await world().server.ended(retried.body.job)).args).toEqual(["tagger", [missing], null]);
    const none = (await call("startBatch", { body: { plugin: "tagger", ids: [id] } })).body.job;
    await world().server.ended(none);
    const nothing = await call("retryBatch", { params: { job: none } });
    expect([nothing.status, nothing.body.code]).toEqual([409, "BATCH_NOTHING_FAILED"]);
    await call("deleteArchive", { params: { id } });
  });

  it("that are paused say why and until when, and go on when they are resumed", async () => {
    const id = await upload("batch paused");
    const { store } = world().server.services;
    const { id: job } = await store.jobs.create(
      {
        ...{ task: "run_batch", args: ["tagger", [id], null], priority: 0, notes: {} },
        actor: { kind: "server", key: null },
      },
      1,
    );
    const until = Math.floor(Date.now() / 1000) + 3600;
    const told = { plugin: "tagger", code: "PLUGIN_LIMITED", reason: "it answered 429", since: 5, until };
    const delayed = { delayed: until, checkpoint: [{ ...told, refusals: 3, works: 0, tries: {} }] };
    // The server may take the job before it is delayed.
    await store.jobs.update(job, { state: "inactive", ...delayed });
    const { batch } = (await call("getBatch", { params: { job } })).body;
    if (batch.state === "inactive") {
      expect(batch).toMatchObject({ paused: true, resumes: until, pauses: [told] });
      expect((await call("getJobDetail", { params: { job } })).body.delayed).toBe(`${until}`);
      expect((await call("undoBatch", { params: { job } })).body.code).toBe("BATCH_RUNNING");
      expect((await call("resumeBatch", { params: { job } })).body).toMatchObject({ job });
    }
    await world().server.ended(job);
    expect(await tagsOf(id)).toContain("tagged:");
    const ended = await call("resumeBatch", { params: { job } });
    expect([ended.status, ended.body.code]).toEqual([409, "BATCH_NOT_PAUSED"]);
    await call("deleteArchive", { params: { id } });
  });

  it("are paused by their owner until they are resumed, and not once they have ended", async () => {
    const id = await upload("batch of an owner");
    const { store } = world().server.services;
    const { id: job } = await store.jobs.create(
      {
        ...{ task: "run_batch", args: ["tagger", [id], null], priority: 0, notes: {} },
        actor: { kind: "server", key: null },
      },
      1,
    );
    expect((await call("pauseBatch", { params: { job } })).body).toMatchObject({ job });
    await vi.waitFor(async () => {
      const { batch } = (await call("getBatch", { params: { job } })).body;
      expect(batch).toMatchObject({ paused: true, pausing: false, resumes: null, pauses: [] });
    });
    expect((await call("undoBatch", { params: { job } })).body.code).toBe("BATCH_RUNNING");
    await call("resumeBatch", { params: { job } });
    await world().server.ended(job);
    expect(await tagsOf(id)).toContain("tagged:");
    const ended = await call("pauseBatch", { params: { job } });
    expect([ended.status, ended.body.code]).toEqual([409, "BATCH_ENDED"]);
    const other = (await call("queuePlugin", { query: { plugin: "nothing" } })).body.job;
    expect((await call("pauseBatch", { params: { job: other } })).body.code).toBe("BATCH_NOT_FOUND");
    await call("deleteArchive", { params: { id } });
  });

  it("are previewed: how many archives, and on the first ones what is found; nothing is stored", async () => {
    const ids = [await upload("batch preview a"), await upload("batch preview b")];
    const { preview } = (await call("previewBatch", { body: { plugin: "tagger", ids, size: 1 } })).body;
    expect(preview).toMatchObject({
      archives: 2,
      plugins: [{ plugin: "tagger", name: "tagger plugin" }],
      counts: { changed: 1 },
      tried: [
        {
          outcome: "changed",
          skipped: null,
          trial: {
            archive: { id: ids[0], file: expect.stringContaining("batch preview a") },
            steps: [{ plugin: "tagger", outcome: "found", changes: { tags: ["tagged:yes"], title: "T" } }],
            after: { title: "T" },
          },
        },
      ],
    });
    expect(await tagsOf(ids[0] ?? "")).not.toContain("tagged:");
    const none = (await call("previewBatch", { body: { plugin: "tagger", all: true, size: 0 } })).body
      .preview;
    expect([none.tried, none.counts]).toEqual([[], {}]);
    expect(none.archives).toBeGreaterThanOrEqual(2);
    const bySource = (await call("previewBatch", { body: { by_source: true, ids } })).body.preview;
    expect(bySource.tried.map(({ outcome, skipped }: Tried) => [outcome, skipped?.code])).toEqual([
      ["skipped", "no-source"],
      ["skipped", "no-source"],
    ]);
    const unknown = await call("previewBatch", { body: { plugin: "tagger", ids: ["f".repeat(40)] } });
    expect([unknown.status, unknown.body.code]).toEqual([404, "ARCHIVE_NOT_FOUND"]);
    for (const id of ids) await call("deleteArchive", { params: { id } });
  });

  it("need either ids or all, and a metadata plugin", async () => {
    for (const body of [{ plugin: "tagger" }, { plugin: "tagger", all: true, ids: ["x"] }, { ids: [] }]) {
      expect((await call("startBatch", { body })).status, JSON.stringify(body)).toBe(400);
    }
    for (const operation of ["startBatch", "previewBatch"] as const) {
      const unknown = await call(operation, { body: { plugin: "nobody", all: true } });
      expect([unknown.status, unknown.body.code]).toEqual([404, "PLUGIN_NOT_FOUND"]);
      const script = await call(operation, { body: { plugin: "source-finder", all: true } });
      expect([script.status, script.body.code]).toEqual([400, "PLUGIN_NOT_METADATA"]);
    }
  });

  it("are distinct from other jobs and cannot be undone while they run", async () => {
    const { body } = await call("queuePlugin", { query: { plugin: "nothing" } });
    await world().server.ended(body.job);
    for (const id of ["getBatch", "undoBatch"] as const) {
      const other = await call(id, { params: { job: body.job } });
      expect([other.status, other.body.code]).toEqual([404, "BATCH_NOT_FOUND"]);
      expect((await call(id, { params: { job: 999_999 } })).body.code).toBe("JOB_NOT_FOUND");
    }
    const { store } = world().server.services;
    const waiting = await store.jobs.create(
      { task: "run_batch", args: [], actor: { kind: "server", key: null }, priority: 0, notes: {} },
      1,
    );
    const busy = await call("undoBatch", { params: { job: waiting.id } });
    expect([busy.status, busy.body.code]).toEqual([423, "BATCH_RUNNING"]);
    await store.jobs.update(waiting.id, { state: "failed", finished: 1 });
  });
};
