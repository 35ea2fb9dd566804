import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
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
    expect([head, mark.mirror, documents.map((one: { path: string }) => one.path)]).toEqual([
      null,
      1,
      ["registry.json"],
    ]);
    const [first] = files;
    const { namespace, sha256 } = first;
    const { text } = await call("getMirrorFile", { params, query: { path: first.path, namespace } });
    expect(sha256Of(text)).toBe(sha256);
    const index = await call("getMirrorFile", { params, query: { path: "registry.json" } });
    expect(sha256Of(index.text)).toBe(documents[0].sha256);
    const missing = await call("getMirrorFile", { params, query: { path: "plugins/none.ts" } });
    expect([missing.status, missing.body.code]).toEqual([400, "SOURCE_FILE_MISSING"]);
    const outside = await call("getMirrorFile", { params, query: { path: "../data/api-key" } });
    expect([outside.status, outside.body.code]).toEqual([400, "SOURCE_PATH_ESCAPES"]);
  });

  it("answer no other file of a registry's folder, since that can be any folder of the machine", async () => {
    const { registry: id } = world();
    const { files } = (await call("planMirror", { params: { id }, body: { all: true } })).body;
    const folder = await mkdtemp(path.join(tmpdir(), "hitagi-mirror-"));
    await writeFile(path.join(folder, "secret.txt"), "of the machine");
    const body = { name: "Folder", provider: "local", path: folder };
    const added = (await call("createRegistry", { body })).body;
    for (const namespace of [undefined, files[0].namespace])
      for (const params of [{ id: added.id ?? added.registry.id }, { id }]) {
        const query = { path: "secret.txt", ...(namespace && { namespace }) };
        const refused = await call("getMirrorFile", { params, query });
        expect([refused.status, refused.body.code]).toEqual([400, "SOURCE_FILE_MISSING"]);
      }
    await call("deleteRegistry", { params: { id: added.id ?? added.registry.id } });
    await rm(folder, { recursive: true });
  });
};
