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

  it("name a field that does not fit the provider", async () => {
    const { status, body } = await call("createRegistry", { body: { ...fields, provider: "local" } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "REGISTRY_FIELDS_INVALID", operation: "create_registry" });
  });

  it("are probed by address before anything is stored", async () => {
    const { folder } = world();
    const idsOf = async () =>
      (await call("listRegistries")).body.registries.map(({ id }: { id: string }) => id);
    const before = await idsOf();
    const { found } = (await call("testRegistry", { body: { address: folder } })).body;
    expect(found).toMatchObject({
      provider: "local",
      path: folder,
      usable: true,
      plugins: expect.any(Number),
    });
    expect(found.tried).toEqual([{ provider: "local", path: folder, outcome: "OK" }]);
    const looks = await call("testRegistry", {
      body: { address: "github.com/a/b/tree/main/c", probe: false },
    });
    const repository = { url: "https://github.com/a/b", ref: "main", folder: "c" };
    expect(looks.body.found).toMatchObject({ provider: "github", ...repository, usable: false, tried: [] });
    const nothing = await call("testRegistry", { body: { address: "nothing known" } });
    expect([nothing.status, nothing.body.code]).toEqual([400, "ADDRESS_UNKNOWN"]);
    expect(await idsOf()).toEqual(before);
  });

  it("are all refreshed, each with its own failure", async () => {
    const gone = { name: "Gone", provider: "local", path: path.join(world().server.folder, "gone") };
    const { id } = (await call("createRegistry", { body: gone })).body;
    const { registries } = (await call("refreshRegistries")).body;
    const of = (wanted: string) => registries.find((r: { id: string }) => r.id === wanted);
    expect(of(world().registry)).toMatchObject({ changed: expect.any(Boolean), plugins: expect.any(Number) });
    const failure = { code: "SOURCE_UNREACHABLE", error: expect.any(String), hint: expect.any(String) };
    expect(of(id)).toMatchObject({ name: "Gone", ...failure });
    const { registry } = (await call("getRegistry", { params: { id } })).body;
    expect(registry.failure).toMatchObject({ ...failure, at: expect.any(Number) });
    await call("deleteRegistry", { params: { id } });
  });

  it("accept a token that no response contains", async () => {
    const token = "s3cr3t-that-is-never-answered";
    const body = { ...fields, token };
    const made = await call("createRegistry", { body });
    const params = { id: made.body.id };
    const read = await call("getRegistry", { params });
    expect(read.body.registry.credential).toBe("token");
    const renamed = await call("updateRegistry", { params, body: { name: "B", token: `${token}-2` } });
    const refreshed = await call("refreshRegistry", { params });
    for (const { text } of [made, read, renamed, refreshed, await call("listRegistries")]) {
      expect(text).not.toContain("s3cr3t");
    }
    await call("updateRegistry", { params, body: { token: null } });
    expect((await call("getRegistry", { params })).body.registry).not.toHaveProperty("credential");
    for (const wrong of [{ token: "" }, { token: "two words" }, { token: "a\nb" }, { token: 1 }]) {
      expect((await call("createRegistry", { body: { ...fields, ...wrong } })).status).toBe(400);
    }
    await call("deleteRegistry", { params });
  });

  it("accept a user and a password that no response contains", async () => {
    const body = { ...fields, user: "keeper", password: "s3cr3t: never answered" };
    const made = await call("createRegistry", { body });
    const params = { id: made.body.id };
    const read = await call("getRegistry", { params });
    expect(read.body.registry.credential).toBe("password");
    for (const { text } of [made, read, await call("listRegistries"), await call("listHistory")])
      expect(text).not.toContain("s3cr3t");
    await call("updateRegistry", { params, body: { password: null } });
    expect((await call("getRegistry", { params })).body.registry).not.toHaveProperty("credential");
    for (const wrong of [
      { user: "a:b", password: "x" },
      { password: "two\nlines" },
      { user: "", password: "x" },
    ])
      expect((await call("createRegistry", { body: { ...fields, ...wrong } })).status).toBe(400);
    await call("deleteRegistry", { params });
  });

  it("say in the answer to their creation how the refresh ended that it asked for", async () => {
    const place = path.join(world().server.folder, "at-once");
    await writeRegistry(place, fixturePlugins.slice(0, 1));
    const body = { name: "At once", provider: "local", path: place, refresh: true };
    const good = await call("createRegistry", { body });
    expect(good.body.refresh).toMatchObject({ id: good.body.id, plugins: 1, changed: true });
    await writeFile(path.join(place, "registry.json"), '{"version":1,');
    const bad = await call("createRegistry", { body });
    expect(bad.status).toBe(200);
    expect(bad.body.refresh).toMatchObject({
      code: "INDEX_INVALID",
      error: expect.stringContaining("is cut off"),
      hint: expect.stringMatching(/\w/),
    });
    const plain = await call("createRegistry", { body: { ...body, refresh: undefined } });
    expect(plain.body).not.toHaveProperty("refresh");
    for (const { id } of [good.body, bad.body, plain.body]) await call("deleteRegistry", { params: { id } });
  });

  it("have a default that is set, read and cleared", async () => {
    const { registry } = world();
    expect((await call("getDefaultRegistry")).body.id).toBe("");
    expect((await call("setDefaultRegistry", { params: { id: registry } })).body.id).toBe(registry);
    expect((await call("getDefaultRegistry")).body.id).toBe(registry);
    expect((await call("clearDefaultRegistry")).body.id).toBe(registry);
    expect((await call("clearDefaultRegistry")).body.id).toBe("");
    const unknown = await call("setDefaultRegistry", { params: { id: "REG_0000000001" } });
    expect(unknown.status).toBe(404);
  });

  it("respond to a refresh with registry.json as it was sent", async () => {
    const { folder, registry } = world();
    const { body } = await call("refreshRegistry", { params: { id: registry } });
    const written = JSON.parse(await readFile(path.join(folder, "registry.json"), "utf8"));
    expect(body.index).toEqual(written);
    expect(body).toMatchObject({ operation: "refresh_registry", success: 1, error: null });
  });

  it("list the entries that a lenient refresh skipped", async () => {
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

  it("report a source without registry.json without a local path", async () => {
    const place = path.join(world().server.folder, "empty");
    await mkdir(place);
    const body = { name: "Empty", provider: "local", path: place };
    const { id } = (await call("createRegistry", { body })).body;
    const answer = await call("refreshRegistry", { params: { id } });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(world().server.folder);
    await call("deleteRegistry", { params: { id } });
  });

  it("are searched one by one and together", async () => {
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
