import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { writeRegistry } from "../../support/registry-fixture.ts";
import type { World } from "../calls.test.ts";
import { fixturePlugins } from "../plugin-sources.ts";

export const registryCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const fields = { name: "漫画の倉庫", provider: "cdn", url: "https://registry.example/a/" };

  it("are created, listed, read, changed and removed", async () => {
    const { id } = (await call("createRegistry", { body: fields })).body;
    expect(id).toMatch(/^REG_[0-9]{10}$/);
    const listed = (await call("listRegistries")).body.registries;
    expect(listed.find((r: { id: string }) => r.id === id)).toMatchObject(fields);

    const params = { id };
    expect((await call("updateRegistry", { params, body: { name: "B" } })).body.id).toBe(id);
    const { registry } = (await call("getRegistry", { params })).body;
    expect(registry).toMatchObject({ ...fields, name: "B" });

    const removed = await call("deleteRegistry", { params });
    expect(removed.body.successMessage).toContain(id);
    expect((await call("getRegistry", { params })).body.code).toBe("REGISTRY_NOT_FOUND");
  });

  it("say which field does not fit the provider", async () => {
    const { status, body } = await call("createRegistry", { body: { ...fields, provider: "local" } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "REGISTRY_FIELDS_INVALID", operation: "create_registry" });
  });

  it("have a default that is set, told and cleared", async () => {
    const { registry } = world();
    expect((await call("getDefaultRegistry")).body.id).toBe("");
    expect((await call("setDefaultRegistry", { params: { id: registry } })).body.id).toBe(registry);
    expect((await call("getDefaultRegistry")).body.id).toBe(registry);
    expect((await call("clearDefaultRegistry")).body.id).toBe(registry);
    expect((await call("clearDefaultRegistry")).body.id).toBe("");
    const unknown = await call("setDefaultRegistry", { params: { id: "REG_0000000001" } });
    expect(unknown.status).toBe(404);
  });

  it("answer a refresh with registry.json as it is", async () => {
    const { folder, registry } = world();
    const { body } = await call("refreshRegistry", { params: { id: registry } });
    const written = JSON.parse(await readFile(path.join(folder, "registry.json"), "utf8"));
    expect(body.index).toEqual(written);
    expect(body).toMatchObject({ operation: "refresh_registry", success: 1, error: null });
  });

  it("answer what a lenient refresh left out, in the answer and in the record", async () => {
    const place = path.join(world().server.folder, "lenient");
    await writeRegistry(place, fixturePlugins.slice(0, 1));
    const file = path.join(place, "registry.json");
    const index = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...index, plugins: { ...index.plugins, bad: {} } }));
    const body = { name: "Lenient", provider: "local", path: place };
    const params = { id: (await call("createRegistry", { body })).body.id };
    const refused = await call("refreshRegistry", { params });
    expect(refused.body).toMatchObject({ code: "INDEX_INVALID", success: 0 });
    expect(refused.status).toBe(400);
    await call("updateRegistry", { params, body: { lenient: true } });
    const left = { skipped: [{ path: "/plugins/bad/namespace", reason: "is missing" }], skippedCount: 1 };
    expect((await call("refreshRegistry", { params })).body).toMatchObject({ index, changed: true, ...left });
    const { registry } = (await call("getRegistry", { params })).body;
    expect(registry).toMatchObject({ lenient: true, ...left });
    await call("deleteRegistry", { params });
  });

  it("tell of a source without registry.json, with no path of this machine", async () => {
    const place = path.join(world().server.folder, "empty");
    await mkdir(place);
    const body = { name: "Empty", provider: "local", path: place };
    const { id } = (await call("createRegistry", { body })).body;
    const answer = await call("refreshRegistry", { params: { id } });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(world().server.folder);
    await call("deleteRegistry", { params: { id } });
  });

  it("offer what can be searched, one by one and all together", async () => {
    const { registry } = world();
    const one = await call("listOffered", { params: { id: registry }, query: { type: "metadata" } });
    expect(one.body.items.map((p: { namespace: string }) => p.namespace)).toEqual(["tagger"]);
    const all = await call("searchAvailable", { query: { q: "ECHO", size: 1 } });
    expect(all.body).toMatchObject({ total: 1, page: 1, size: 1 });
    expect(all.body.items[0]).toMatchObject({ namespace: "echo", version: "1.1.0", registry, versions: 2 });
    const { offers } = (await call("getAvailable", { params: { namespace: "echo" } })).body;
    expect(offers[0].versions.map((v: { version: string }) => v.version)).toEqual(["1.1.0", "1.0.0"]);
    expect((await call("getAvailable", { params: { namespace: "nothing" } })).status).toBe(404);
  });
};
