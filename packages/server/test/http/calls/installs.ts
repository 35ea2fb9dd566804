import type { HistoryEntry, KeptVersion } from "@hitagi/contract";
import { expect, it, vi } from "vitest";
import type { World } from "../calls.test.ts";
import { pluginText } from "../plugin-sources.ts";

const fileForm = (name: string, text: string, fields: Record<string, string> = {}): FormData => {
  const form = new FormData();
  form.append("file", new Blob([text]), name);
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  return form;
};

export const installCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  /** The result of an install's job. */
  const install = async (body: Record<string, unknown>) => {
    const answer = await call("installPlugin", { body: { registry: world().registry, ...body } });
    expect(answer.status).toBe(200);
    expect(answer.body.namespace).toBe(body.namespace);
    const job = await world().server.ended(answer.body.job);
    expect(job).toMatchObject({ task: "install_plugin", state: "finished" });
    return job.result;
  };
  const listed = async (namespace: string) => {
    const { body } = await call("listPlugins", { params: { type: "all" } });
    return body.find((p: { namespace: string }) => p.namespace === namespace);
  };

  it("preview, install, update, roll back and remove a plugin, each visible in the list at once", async () => {
    const { registry } = world();
    const body = { namespace: "echo", registry, version: "1.0.0" };
    const { plan } = (await call("previewInstall", { body })).body;
    expect(plan).toMatchObject({ namespace: "echo", version: "1.0.0", action: "install", conflicts: [] });
    expect(await listed("echo")).toBeUndefined();

    const result = await install(body);
    expect(result).toMatchObject({ success: 1, error: null });
    expect(result.data).toMatchObject({ name: "echo plugin", namespace: "echo", version: "1.0.0", registry });
    expect(await listed("echo")).toMatchObject({ version: "1.0.0", registry, sha256: result.data.sha256 });

    expect((await call("listUpdates")).body.updates).toEqual([
      { namespace: "echo", registry, registryName: "Fixture", installed: "1.0.0", update: "1.1.0" },
    ]);
    const upgrade = await call("upgradePlugins", { body: {} });
    const upgraded = (await world().server.ended(upgrade.body.job)).result;
    expect(upgraded).toMatchObject({
      success: 1,
      data: { plugins: [{ from: "1.0.0", to: "1.1.0", error: null }] },
    });
    expect(await listed("echo")).toMatchObject({ version: "1.1.0" });

    const back = await call("rollbackPlugin", { params: { namespace: "ECHO" } });
    expect(back.body).toMatchObject({ namespace: "echo", version: "1.0.0", from: "1.1.0" });
    expect((await call("listUpdates")).body).toMatchObject({
      updates: [],
      held: [{ namespace: "echo", installed: "1.0.0", update: "1.1.0", reason: "rolled_back" }],
    });
    const { plugin } = (await call("getInstalled", { params: { namespace: "echo" } })).body;
    expect(plugin.versions.map((v: { version: string }) => v.version).sort()).toEqual(["1.0.0", "1.1.0"]);

    const removed = await call("uninstallPlugin", { params: { namespace: "Echo" } });
    expect(removed.body.successMessage).toContain("echo plugin");
    expect(await listed("echo")).toBeUndefined();
    expect((await call("uninstallPlugin", { params: { namespace: "echo" } })).status).toBe(404);
    const { installed, versions } = (await call("listKeptVersions", { params: { namespace: "echo" } })).body;
    expect([installed, versions.map((v: KeptVersion) => [v.version, v.current, v.left?.reason])]).toEqual([
      null,
      [
        ["1.0.0", false, "uninstalled"],
        ["1.1.0", false, "rolled_back"],
      ],
    ]);
    const unknown = await call("listKeptVersions", { params: { namespace: "nobody" } });
    expect([unknown.status, unknown.body.code]).toEqual([404, "PLUGIN_NOT_INSTALLED"]);
  });

  it("can be reinstalled, and go from a registry to a sideloaded plugin and back", async () => {
    const params = { namespace: "echo" };
    await install({ namespace: "echo", version: "1.0.0" });
    expect((await call("reinstallPlugin", { params })).body).toMatchObject({ version: "1.0.0" });
    const moved = (await call("moveToSideloaded", { params })).body;
    expect(moved).toMatchObject({ version: "1.0.0", from: "1.0.0", withheld: [] });
    expect((await call("moveToSideloaded", { params })).body.code).toBe("ALREADY_SIDELOADED");
    const forced = await install({ namespace: "echo", force: true });
    expect(forced).toMatchObject({
      code: "NAMESPACE_TAKEN",
      hint: expect.stringContaining("`hitagi move echo`"),
    });
    expect(await install({ namespace: "echo", move: true })).toMatchObject({ success: 1 });
    const removed = await call("uninstallPlugin", { params, query: { dropSettings: true } });
    expect(removed.body.successMessage).toContain("its settings, secrets and cache are deleted");
    await vi.waitFor(async () => {
      const { items } = (await call("listHistory", { query: { plugin: "echo", outcome: "ok", size: 4 } }))
        .body;
      expect(items.map(({ action, details }: HistoryEntry) => [action, details])).toEqual([
        [
          "uninstall_plugin",
          { plugins: [{ namespace: "echo", from: expect.any(String) }], dropped_settings: true },
        ],
        ["install_plugin", { plugins: [{ namespace: "echo", from: "1.0.0", to: expect.any(String) }] }],
        ["move_to_sideloaded", { plugins: [{ namespace: "echo", from: "1.0.0", to: "1.0.0" }] }],
        ["reinstall_plugin", { plugins: [{ namespace: "echo", from: "1.0.0", to: "1.0.0" }] }],
      ]);
    });
  });

  it("have a policy for automatic updates, which is off", async () => {
    const { registry } = world();
    expect((await call("getUpdatePolicy")).body).toMatchObject({ all: false, registries: {}, window: null });
    const body = { all: true, registries: { [registry]: false } };
    const registryNames = { [registry]: "Fixture" };
    expect((await call("changeUpdatePolicy", { body })).body).toMatchObject({ ...body, registryNames });
    const unknown = await call("changeUpdatePolicy", { body: { registries: { REG_0000000001: true } } });
    expect([unknown.status, unknown.body.code]).toEqual([404, "REGISTRY_NOT_FOUND"]);
    const off = { all: false, registries: { [registry]: null } };
    expect((await call("changeUpdatePolicy", { body: off })).body).toMatchObject({
      all: false,
      registries: {},
    });
  });

  it("can be held and skipped, with notes that the list of updates shows", async () => {
    const params = { namespace: "echo" };
    await install({ namespace: "echo", version: "1.0.0" });
    const updates = async () => (await call("listUpdates")).body;
    const held = (await call("holdPlugin", { params, body: { note: "waits for me" } })).body.updates;
    expect(held).toMatchObject({ hold: { at: "1.0.0", note: "waits for me", since: expect.any(Number) } });
    expect((await call("getInstalled", { params })).body.plugin.updates).toEqual(held);
    expect(await updates()).toMatchObject({
      updates: [],
      held: [{ update: "1.1.0", reason: "held", at: "1.0.0", note: "waits for me" }],
    });
    expect(await install({ namespace: "echo", version: "1.1.0" })).toMatchObject({
      ...{ success: 0, code: "PLUGIN_HELD", error: expect.stringContaining("waits for me") },
      hint: expect.stringContaining("`hitagi unhold echo`"),
    });
    const { job } = (await call("upgradePlugins", { body: { namespaces: ["echo"] } })).body;
    expect((await world().server.ended(job)).result).toMatchObject({ success: 0, code: "PLUGIN_HELD" });
    await call("holdPlugin", { params, body: { at: "1.1.0" } });
    expect((await updates()).updates).toMatchObject([{ update: "1.1.0" }]);
    expect((await call("unholdPlugin", { params })).body.updates).toEqual({});

    const skipped = (await call("skipVersion", { params, body: {} })).body;
    expect(skipped).toMatchObject({ version: "1.1.0", updates: { skipped: [{ reason: "skipped" }] } });
    expect(await updates()).toMatchObject({ updates: [], held: [{ update: "1.1.0", reason: "skipped" }] });
    expect((await call("skipVersion", { params, body: {} })).body.code).toBe("NOTHING_TO_SKIP");
    expect((await call("unskipVersion", { params, body: {} })).body.updates).toEqual({});
    expect((await updates()).updates).toHaveLength(1);
    await call("skipVersion", { params, body: { version: "1.1.0" } });
    expect(await install({ namespace: "echo", version: "1.1.0" })).toMatchObject({ success: 1 });
    expect((await call("getInstalled", { params })).body.plugin.updates).toBeUndefined();
    await call("uninstallPlugin", { params });
    expect((await call("holdPlugin", { params, body: {} })).body.code).toBe("PLUGIN_NOT_INSTALLED");
    const builtin = await call("holdPlugin", { params: { namespace: "copytags" }, body: {} });
    expect(builtin.body.code).toBe("PLUGIN_BUILTIN");
  });

  it.each([
    ["an unknown registry", { namespace: "echo", registry: "REG_0000000001" }, "doesn't exist"],
    ["an unknown plugin", { namespace: "nothing" }, "not found in registry"],
    ["an unknown version", { namespace: "echo", version: "9.9.9" }, "not found for plugin"],
    ["a plugin that does not load", { namespace: "broken" }, "failed to load"],
  ])("refuse %s in the job's result with LANraragi's message and a code", async (_what, body, words) => {
    const result = await install(body);
    expect(result).toMatchObject({ success: 0, error: expect.stringContaining(words) });
    expect(result.code).toMatch(/^[A-Z_]+$/);
    expect(result.hint.length).toBeGreaterThan(5);
  });

  it("refuse a registry that was never refreshed", async () => {
    const fields = { name: "New", provider: "cdn", url: "https://registry.example/new" };
    const { id } = (await call("createRegistry", { body: fields })).body;
    const result = await install({ namespace: "echo", registry: id });
    expect(result).toMatchObject({ success: 0, code: "REGISTRY_NOT_REFRESHED" });
    expect(result.error).toContain("No registry index cached");
    await call("deleteRegistry", { params: { id } });
  });

  it("report failed upgrades and finish the others", async () => {
    await install({ namespace: "echo", version: "1.0.0" });
    const { body } = await call("upgradePlugins", { body: { namespaces: ["echo", "nothing"] } });
    const { result } = await world().server.ended(body.job);
    expect(result).toMatchObject({ success: 0, error: expect.stringContaining("nothing") });
    expect(await listed("echo")).toMatchObject({ version: "1.1.0" });
    await call("uninstallPlugin", { params: { namespace: "echo" } });
  });

  it("never remove a builtin", async () => {
    const { status, body } = await call("uninstallPlugin", { params: { namespace: "copytags" } });
    expect([status, body.code]).toEqual([403, "PLUGIN_BUILTIN"]);
  });

  it("accept a plugin as a file and refuse an invalid, too large or missing one", async () => {
    const text = pluginText("mine", "0.1.0", "script", "async run() { return {}; },");
    const good = await call("sideloadPlugin", { payload: fileForm("mine.ts", text, { grant: "false" }) });
    expect(good.body).toMatchObject({ namespace: "mine", version: "0.1.0" });
    expect((await call("getInstalled", { params: { namespace: "mine" } })).body.plugin.origin).toBe(
      "sideloaded",
    );
    expect((await call("verifyPlugins")).body.files).toContainEqual(
      expect.objectContaining({ namespace: "mine", state: "ok" }),
    );

    expect((await call("sideloadPlugin", { payload: fileForm("bad.ts", "not a plugin (") })).status).toBe(
      422,
    );
    const large = await call("sideloadPlugin", {
      payload: fileForm("large.ts", "/".repeat(1024 * 1024 + 1)),
    });
    expect([large.status, large.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    const wrong = await call("sideloadPlugin", { payload: fileForm("mine.ts", text, { grant: "perhaps" }) });
    expect(wrong.body.errors).toEqual([{ path: "/body/grant", message: "Expected boolean - got string." }]);
    const none = new FormData();
    none.append("grant", "true");
    const missing = await call("sideloadPlugin", { payload: none });
    expect(missing.body.errors).toEqual([{ path: "/body/file", message: "Missing property." }]);
    await call("uninstallPlugin", { params: { namespace: "mine" } });
  });
};
