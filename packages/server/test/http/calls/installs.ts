import { expect, it } from "vitest";
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
      { namespace: "echo", registry, installed: "1.0.0", update: "1.1.0" },
    ]);
    const upgrade = await call("upgradePlugins", { body: {} });
    const upgraded = (await world().server.ended(upgrade.body.job)).result;
    expect(upgraded).toMatchObject({
      success: 1,
      data: { plugins: [{ from: "1.0.0", to: "1.1.0", error: null }] },
    });
    expect(await listed("echo")).toMatchObject({ version: "1.1.0" });

    const back = await call("rollbackPlugin", { params: { namespace: "ECHO" } });
    expect(back.body).toMatchObject({ namespace: "echo", version: "1.0.0" });
    const { plugin } = (await call("getInstalled", { params: { namespace: "echo" } })).body;
    expect(plugin.versions.map((v: { version: string }) => v.version).sort()).toEqual(["1.0.0", "1.1.0"]);

    const removed = await call("uninstallPlugin", { params: { namespace: "Echo" } });
    expect(removed.body.successMessage).toContain("echo plugin");
    expect(await listed("echo")).toBeUndefined();
    expect((await call("uninstallPlugin", { params: { namespace: "echo" } })).status).toBe(404);
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
