import { expect, it } from "vitest";
import { cbz } from "../../library/cbz.ts";
import type { World } from "../calls.test.ts";
import { archiveForm } from "./archives.ts";

export const chainCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("is the enabled plugins, replaced with their order and conditions, and tried on an archive", async () => {
    const upload = await call("uploadArchive", {
      payload: archiveForm("chained.cbz", cbz("chained"), { tags: "artist:A" }),
    });
    const { id } = upload.body;
    const before = (await call("getChain")).body;
    const steps = [
      { plugin: "copytags", when: { tagged: ["x"], folders: ["a"] }, ends_on_hit: true },
      { plugin: "Date-Added", when: { nothing_found: true } },
    ];
    const replaced = await call("putChain", { body: { steps, revision: before.revision } });
    expect(replaced.body).toMatchObject({
      revision: before.revision + 1,
      steps: [
        { plugin: "copytags", when: steps[0]?.when, ends_on_hit: true, usable: true },
        { plugin: "date-added", when: { nothing_found: true }, ends_on_hit: false },
      ],
    });
    expect((await call("getChain")).body).toEqual({ ...replaced.body, operation: "get_chain" });
    const { trial } = (await call("tryChain", { query: { id } })).body;
    expect(trial).toMatchObject({
      archive: { id, file: "chained.cbz" },
      steps: [
        { plugin: "copytags", outcome: "skipped", skipped: { code: "not-tagged" } },
        {
          plugin: "date-added",
          outcome: "found",
          changes: { tags: [expect.stringMatching(/^date_added:/)] },
        },
      ],
    });
    expect((await call("getArchiveMetadata", { params: { id } })).body.tags).toBe("artist:A");

    const stale = await call("putChain", { body: { steps: [], revision: before.revision } });
    expect([stale.status, stale.body.code]).toEqual([409, "DOCUMENT_CHANGED"]);
    const faults = [
      [{ plugin: "nobody" }, 404],
      [{ plugin: "source-finder" }, 400],
      [{ plugin: "copytags", when: { tagged: [] } }, 400],
      [{ plugin: "copytags", when: { weekday: "monday" } }, 400],
    ] as const;
    for (const [step, status] of faults) {
      expect((await call("putChain", { body: { steps: [step] } })).status, JSON.stringify(step)).toBe(status);
    }
    expect((await call("tryChain", { query: { id: "f".repeat(40) } })).status).toBe(404);
    const emptied = await call("putChain", { body: { steps: [] } });
    expect(emptied.body.steps).toEqual([]);
    const { items } = (await call("listHistory", { query: { subject: "chain" } })).body;
    expect(items[0]).toMatchObject({ action: "update_chain", subject: { kind: "policy", id: "chain" } });
  });

  it("by source runs the plugin of each archive's source, and skips the others", async () => {
    const upload = await call("uploadArchive", {
      payload: archiveForm("sourceless.cbz", cbz("sourceless"), { tags: "source:unknown.example/1" }),
    });
    const { id } = upload.body;
    const started = await call("startBatch", { body: { by_source: true, ids: [id] } });
    const job = await world().server.ended(started.body.job);
    expect(job.result.data).toMatchObject({ skipped: 1, failed: 0 });
    const report = await call("getBatch", { params: { job: started.body.job } });
    expect(report.body.items).toMatchObject([
      { archive: id, outcome: "skipped", skipped: [{ plugin: null, code: "unknown-source" }] },
    ]);
    const both = { by_source: true, plugin: "copytags", ids: [id] };
    expect((await call("startBatch", { body: both })).status).toBe(400);
  });
};
