import { expect, it } from "vitest";
import { sha256Of } from "../../../src/disk/sha256.ts";
import type { World } from "../calls.test.ts";

export const lockfileCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("answer the set as a lock file, plan its sync, and carry it out in a job", async () => {
    const { registry } = world();
    const { job } = (await call("installPlugin", { body: { namespace: "tagger", registry } })).body;
    expect((await world().server.ended(job)).result.success).toBe(1);
    const { lock } = (await call("exportSet")).body;
    expect(lock.plugins.tagger).toMatchObject({ origin: "managed", registry: "Fixture" });
    expect((await call("planSync", { body: { lock } })).body.plan).toMatchObject({
      done: true,
      conflicts: 0,
    });

    await call("uninstallPlugin", { params: { namespace: "tagger" } });
    const { plan } = (await call("planSync", { body: { lock } })).body;
    expect(plan.plugins).toMatchObject([{ namespace: "tagger", action: "install", conflicts: [] }]);
    const { result } = await world().server.ended((await call("syncSet", { body: { lock } })).body.job);
    expect(result).toMatchObject({ success: 1, data: { plugins: [{ namespace: "tagger" }] } });
    expect((await call("planSync", { body: { lock } })).body.plan.done).toBe(true);
    await call("uninstallPlugin", { params: { namespace: "tagger" } });
  });

  it("refuse a lock file that is none, and one whose registry is not here by the id that the request names", async () => {
    const invalid = await call("syncSet", { body: { lock: { lockfile: 1 } } });
    expect([invalid.status, invalid.body.code]).toEqual([400, "VALIDATION_FAILED"]);
    const lock = { lockfile: 1, registries: { Gone: { provider: "local", path: "/nowhere" } }, plugins: {} };
    const unknown = await call("planSync", { body: { lock, registries: { Gone: "REG_0000000000" } } });
    expect([unknown.status, unknown.body.code]).toEqual([404, "REGISTRY_NOT_FOUND"]);
  });

  it("list the files of a mirror, and answer each", async () => {
    const params = { id: world().registry };
    const { documents, files, mark, head } = (await call("planMirror", { params, body: { all: true } })).body;
    expect([head, mark.mirror, documents.map(({ path }: { path: string }) => path)]).toEqual([
      null,
      1,
      ["registry.json"],
    ]);
    const [first] = files;
    const { text } = await call("getMirrorFile", { params, query: { path: first.path } });
    expect(sha256Of(text)).toBe(first.sha256);
    const missing = await call("getMirrorFile", { params, query: { path: "plugins/none.ts" } });
    expect([missing.status, missing.body.code]).toEqual([400, "SOURCE_FILE_MISSING"]);
    const outside = await call("getMirrorFile", { params, query: { path: "../data/api-key" } });
    expect([outside.status, outside.body.code]).toEqual([400, "SOURCE_PATH_ESCAPES"]);
  });
};
