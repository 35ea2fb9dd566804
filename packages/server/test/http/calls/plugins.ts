import { expect, it } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { httpServer } from "../../support/http-server.ts";
import type { World } from "../calls.test.ts";
import { pluginText } from "../plugin-sources.ts";
import { archiveForm } from "./archives.ts";

export const pluginCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const params = { namespace: "tagger" };
  const install = async (namespace: string) => {
    const { body } = await call("installPlugin", { body: { namespace, registry: world().registry } });
    expect((await world().server.ended(body.job)).result.success).toBe(1);
  };
  const listed = async (type: string) => (await call("listPlugins", { params: { type } })).body;

  it("are listed by type in LANraragi's form", async () => {
    await install("tagger");
    const metadata = await listed("metadata");
    const tagger = metadata.find((p: { namespace: string }) => p.namespace === "tagger");
    expect(tagger).toMatchObject({
      type: "metadata",
      registry: world().registry,
      enabled: false,
      hidden: false,
      priority: 0,
      parameters: expect.arrayContaining([
        { name: "word", desc: "What to add", type: "string", default_value: "yes" },
      ]),
    });
    expect(metadata.every((p: { type: string }) => p.type === "metadata")).toBe(true);
    const all = await listed("all");
    expect(all.find((p: { namespace: string }) => p.namespace === "copytags")).toMatchObject({
      registry: null,
      sha256: null,
    });
    expect((await call("listInstalled")).body.plugins).toHaveLength(all.length);
  });

  it("show a change of their flags in the next list", async () => {
    await listed("metadata");
    await call("configurePlugin", { params, body: { priority: 3, hidden: true } });
    const tagger = (await listed("metadata")).find((p: { namespace: string }) => p.namespace === "tagger");
    expect(tagger).toMatchObject({ priority: 3, hidden: true });
    const wrong = await call("configurePlugin", {
      params: { namespace: "source-finder" },
      body: { enabled: true },
    });
    expect([wrong.status, wrong.body.code]).toEqual([400, "PLUGIN_NOT_METADATA"]);
  });

  it("have settings, whose secrets are never returned", async () => {
    const put = await call("putSettings", { params, body: { word: "no", key: "hunter2" } });
    expect(put.text).not.toContain("hunter2");
    const { settings } = (await call("getSettings", { params })).body;
    const byName = Object.fromEntries(settings.map((s: { name: string }) => [s.name, s]));
    expect(byName.word).toMatchObject({ value: "no", set: true });
    expect(byName.key).toMatchObject({ type: "secret", set: true });
    expect(byName.key).not.toHaveProperty("value");
    const unknown = await call("putSettings", { params, body: { other: 1 } });
    expect([unknown.status, unknown.body.code]).toEqual([400, "SETTING_UNKNOWN"]);
    const back = await call("putSettings", { params, body: { word: null } });
    expect(back.body.settings.find((s: { name: string }) => s.name === "word").set).toBe(false);
  });

  const urlencoded = (fields: [string, string][]) => ({
    payload: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  const multipart = (fields: [string, string][]) => {
    const payload = new FormData();
    for (const [name, value] of fields) payload.append(name, value);
    return { payload };
  };

  it.each([
    ["urlencoded", urlencoded],
    ["multipart", multipart],
  ])("are configured by a form, %s, which keeps their provenance", async (_kind, form) => {
    const record = async () => (await call("getInstalled", { params })).body.plugin;
    const setting = async (name: string) =>
      (await call("getSettings", { params })).body.settings.find((s: { name: string }) => s.name === name);
    const { parameters } = (await listed("metadata")).find(
      (p: { namespace: string }) => p.namespace === "tagger",
    );
    const nth = parameters.findIndex((p: { name: string }) => p.name === "word");
    await call("putSettings", { params, body: { key: "kept" } });
    const before = await record();
    expect(before).toMatchObject({ origin: "managed", registry: world().registry });

    const saved = await call(
      "savePluginForm",
      form([
        ["tagger", "0"],
        ["tagger", "on"],
        [`tagger_CFG_${nth + 1}`, "first"],
        ["tagger.key", ""],
      ]),
    );
    expect(saved.body).toMatchObject({ operation: "update_plugin_config", success: 1, plugins: ["tagger"] });
    expect(await record()).toEqual({ ...before, enabled: true });
    expect((await setting("word")).value).toBe("first");
    expect((await setting("key")).set).toBe(true);

    await call(
      "savePluginForm",
      form([
        ["tagger", "0"],
        ["tagger.word", "second"],
      ]),
    );
    expect(await record()).toEqual(before);
    expect((await setting("word")).value).toBe("second");
    await call("putSettings", { params, body: { key: null, word: null } });
  });

  it("have a network log without query values", async () => {
    const site = await httpServer((_request, response) => response.end("hello"));
    const permissions = `permissions: { net: ["${new URL(site).host}"] },`;
    const run = `async run() { return (await fetch("${site}/page?word=secret")).text(); },`;
    const payload = new FormData();
    payload.append(
      "file",
      new Blob([pluginText("fetcher", "1.0.0", "script", run, permissions)]),
      "fetcher.ts",
    );
    await call("sideloadPlugin", { payload });
    expect((await call("usePlugin", { query: { plugin: "fetcher" } })).body.data).toEqual({
      result: "hello",
    });
    const { body } = await call("getNetworkLog", { params: { namespace: "Fetcher" } });
    expect(body.requests).toEqual([
      {
        at: expect.any(Number),
        method: "GET",
        url: `${site}/page`,
        outcome: 200,
        bytes: 5,
        ms: expect.any(Number),
      },
    ]);
    expect((await call("getNetworkLog", { params: { namespace: "nobody" } })).status).toBe(404);
    await call("uninstallPlugin", { params: { namespace: "fetcher" } });
  });

  it("are configured by LANraragi's page, which omits unchecked boxes", async () => {
    const source = pluginText(
      "boxes",
      "1.0.0",
      "metadata",
      "async getTags() { return {}; },",
      `parameters: { word: { type: "string" }, a: { type: "bool", default_value: true }, b: { type: "bool" } },`,
    );
    const payload = new FormData();
    payload.append("file", new Blob([source]), "boxes.ts");
    await call("sideloadPlugin", { payload });
    const at = { params: { namespace: "boxes" } };
    const values = async () => {
      const { settings } = (await call("getSettings", at)).body;
      return Object.fromEntries(settings.map((s: { name: string; value: unknown }) => [s.name, s.value]));
    };
    const enabled = async () => (await call("getInstalled", at)).body.plugin.enabled;
    const save = (fields: [string, string][]) => call("savePluginForm", urlencoded(fields));
    await save([
      ["boxes", "on"],
      ["boxes_CFG_1", "x"],
      ["BOXES_CFG_2", "1"],
      ["boxes_CFG_b", "1"],
    ]);
    expect([await enabled(), await values()]).toEqual([true, { word: "x", a: true, b: true }]);
    await save([
      ["boxes_CFG_1", "y"],
      ["boxes_CFG_b", "1"],
    ]);
    expect([await enabled(), await values()]).toEqual([false, { word: "y", a: false, b: true }]);
    await save([
      ["boxes", "1"],
      ["boxes.word", "z"],
    ]);
    expect([await enabled(), await values()]).toEqual([true, { word: "z", a: false, b: true }]);
    await call("uninstallPlugin", at);
  });

  it("keep a secret whose field is empty", async () => {
    const source = pluginText(
      "keeper",
      "1.0.0",
      "script",
      "run: (ctx) => ({ key: ctx.settings.key }),",
      'parameters: { key: { type: "secret" } },',
    );
    const payload = new FormData();
    payload.append("file", new Blob([source]), "keeper.ts");
    await call("sideloadPlugin", { payload });
    const key = async () => (await call("usePlugin", { query: { plugin: "keeper" } })).body.data.key;
    await call("savePluginForm", urlencoded([["keeper_CFG_key", "hidden"]]));
    await call("savePluginForm", urlencoded([["keeper_CFG_key", ""]]));
    await call("savePluginForm", urlencoded([["keeper.key", ""]]));
    expect(await key()).toBe("hidden");
    await call("uninstallPlugin", { params: { namespace: "keeper" } });
  });

  it("are unchanged by a form with invalid fields, and each one is named", async () => {
    const fields: [string, string][] = [
      ["tagger", "perhaps"],
      ["tagger.word", "third"],
      ["tagger_CFG_99", "x"],
      ["source-finder", "1"],
      ["nobody.at.all", "x"],
    ];
    const { status, body } = await call("savePluginForm", urlencoded(fields));
    expect([status, body.code]).toEqual([400, "VALIDATION_FAILED"]);
    expect(body.errors.map((e: { path: string }) => e.path)).toEqual([
      "/body/tagger",
      "/body/tagger_CFG_99",
      "/body/source-finder",
      "/body/nobody.at.all",
    ]);
    const { settings } = (await call("getSettings", { params })).body;
    expect(settings.find((s: { name: string }) => s.name === "word").value).not.toBe("third");
    expect((await call("savePluginForm", urlencoded([]))).status).toBe(400);
  });

  it("are granted their permissions, or fewer", async () => {
    const less = await call("grantPermissions", { params, body: { permissions: {} } });
    expect(less.body.granted).toEqual({});
    const all = await call("grantPermissions", { params });
    expect(all.body.granted).toEqual({ net: ["api.example.org"], library: "read" });
  });

  it("are used on an archive without a change of it", async () => {
    const upload = await call("uploadArchive", {
      payload: archiveForm("used.cbz", cbz("used"), { tags: "a" }),
    });
    const { id } = upload.body;
    const { body } = await call("usePlugin", { query: { plugin: "TAGGER", id } });
    expect(body).toMatchObject({ operation: "use_plugin", type: "metadata", success: 1, error: null });
    expect(body.data.new_tags).toContain("tagged:yes");
    expect(body.data.new_tags).not.toMatch(/\ba\b/);
    expect((await call("getArchiveMetadata", { params: { id } })).body.tags).toBe("a");

    const queued = await call("queuePlugin", { query: { plugin: "tagger", id, priority: 2 } });
    const job = await world().server.ended(queued.body.job);
    expect(job).toMatchObject({ task: "run_plugin", args: ["tagger", id, null], priority: 2 });
    expect(job.result).toMatchObject({ success: 1, error: null, type: "metadata" });
    expect((await call("getArchiveMetadata", { params: { id } })).body.tags).toContain("tagged:yes");
  });

  it("are chosen by the address that they read", async () => {
    const source = pluginText(
      "reader",
      "1.0.0",
      "metadata",
      'getTags: (ctx) => ({ tags: ["read:" + ctx.arg] }),',
      'url_regex: "^https://site[.]example/g/",',
    );
    const payload = new FormData();
    payload.append("file", new Blob([source]), "reader.ts");
    await call("sideloadPlugin", { payload });
    const tags = { tags: "source:site.example/g/1" };
    const upload = await call("uploadArchive", {
      payload: archiveForm("addressed.cbz", cbz("addressed"), tags),
    });
    const { id } = upload.body;
    const url = "site.example/g/1";
    const listed = await call("listAddressReaders", { query: { url } });
    const reader = { plugin: "reader", sites: ["site.example"], enabled: false, usable: true };
    expect(listed.body.plugins).toMatchObject([reader]);
    const counted = await call("countSources", { body: { ids: [id] } });
    expect(counted.body.counts).toMatchObject({ archives: 1, readable: 1, plugins: [{ plugin: "reader" }] });
    const used = await call("usePlugin", { query: { url, id } });
    expect(used.body).toMatchObject({ success: 1, plugin: "reader", type: "metadata" });
    expect(used.body.data).toEqual({ new_tags: ` read:https://${url}` });
    const queued = await call("queuePlugin", { query: { url, id } });
    expect(queued.body.plugin).toBe("reader");
    const job = await world().server.ended(queued.body.job);
    expect(job).toMatchObject({ task: "run_plugin", args: ["reader", id, `https://${url}`] });
    expect((await call("getArchiveMetadata", { params: { id } })).body.tags).toContain("read:https");

    const named = await call("usePlugin", { query: { plugin: "reader", url: "any", id } });
    expect(named.body.data).toEqual({ new_tags: " read:any" });
    const unknown = await call("usePlugin", { query: { url: "unknown.example/1", id } });
    expect(unknown.body).toMatchObject({ success: 0, type: null, code: "NO_ADDRESS_READER" });
    expect(unknown.body.hint).toContain("reader (site.example)");
    expect((await call("queuePlugin", { query: { url: "unknown.example/1", id } })).status).toBe(400);
    for (const query of [{ id }, { plugin: "reader", url, arg: "x" }]) {
      expect((await call("usePlugin", { query })).status, JSON.stringify(query)).toBe(400);
    }
    await call("uninstallPlugin", { params: { namespace: "reader" } });
  });

  it("fail with 200, success 0, a code and a hint", async () => {
    const unknown = await call("usePlugin", { query: { plugin: "nothing" } });
    expect(unknown.status).toBe(200);
    expect(unknown.body).toMatchObject({ success: 0, type: null, code: "PLUGIN_NOT_FOUND", data: null });
    const nowhere = await call("usePlugin", { query: { plugin: "tagger", id: "f".repeat(40) } });
    expect(nowhere.body).toMatchObject({ success: 0, type: "metadata", code: "ARCHIVE_NOT_FOUND" });
    expect(nowhere.body.hint).toContain("hitagi library list");
    const queued = await call("queuePlugin", { query: { plugin: "nothing" } });
    const { result } = await world().server.ended(queued.body.job);
    expect(result).toMatchObject({ success: 0, code: "PLUGIN_NOT_FOUND" });
  });
};
