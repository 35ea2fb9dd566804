import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { blockKey, blockListFile } from "../../support/block-list.ts";
import type { World } from "../calls.test.ts";
import { archiveForm } from "./archives.ts";

/** Runs after those of registries. */
export const installPolicyCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const change = (body: object) => call("changeInstallPolicy", { body });

  it("has the defaults at first, and keeps what a change does not name", async () => {
    const { body: first } = await call("getInstallPolicy");
    expect(first).toMatchObject({ revision: 0, age: { hours: 24, exceptions: [] }, unsigned: true });
    const { registry } = world();
    const { body } = await change({
      ...{ age: { hours: 1, plugins: { ECHO: 2 }, registries: { [registry]: 3 } }, registries: [registry] },
    });
    expect(body).toMatchObject({
      age: {
        hours: 1,
        exceptions: [
          { kind: "plugin", id: "echo", name: "echo", hours: 2 },
          { kind: "registry", id: registry, name: "Fixture", hours: 3 },
        ],
      },
      registries: [{ id: registry, name: "Fixture" }],
      unsigned: true,
    });
    const age = { hours: 24, plugins: { echo: null }, registries: { [registry]: null } };
    expect((await change({ age, registries: null })).body).toEqual({
      ...first,
      operation: "change_install_policy",
      revision: 2,
    });
  });

  it("is refused for a registry that is not there, and if it has changed meanwhile", async () => {
    const { status, body } = await change({ registries: ["REG_0000000009"] });
    expect([status, body.code]).toEqual([404, "REGISTRY_NOT_FOUND"]);
    const late = await change({ unsigned: false, revision: 0 });
    expect([late.status, late.body.code]).toEqual([409, "DOCUMENT_CHANGED"]);
    expect((await call("getInstallPolicy")).body).toMatchObject({ revision: 2, unsigned: true });
  });
};

/** Runs after those of registries. */
export const blockListCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("are loaded from a file, say what they name, and count no longer for what is allowed or once they are removed", async () => {
    const address = path.join(world().server.folder, "blocks.txt");
    await writeFile(address, blockListFile(1, ["block namespace nothing-here it steals"]));
    const { body } = await call("addBlockList", { body: { name: "own", address, key: blockKey() } });
    expect(body).toMatchObject({
      lists: [{ name: "own", address, sequence: 1, entries: 1, loaded: expect.any(Number) }],
      ...{ hits: [], allowed: [] },
    });
    const again = await call("addBlockList", { body: { name: "own", address } });
    expect([again.status, again.body.code]).toEqual([409, "BLOCK_LIST_EXISTS"]);
    expect((await call("refreshBlockLists")).body.lists).toEqual(body.lists);
    const params = { namespace: "Nothing-Here" };
    expect((await call("allowBlockedPlugin", { params })).body.allowed).toMatchObject([
      { namespace: "nothing-here" },
    ]);
    expect((await call("disallowBlockedPlugin", { params })).body.allowed).toEqual([]);
    await call("removeBlockList", { params: { name: "own" } });
    expect((await call("getBlockLists")).body).toMatchObject({ lists: [], hits: [], allowed: [] });
    const gone = await call("removeBlockList", { params: { name: "own" } });
    expect([gone.status, gone.body.code]).toEqual([404, "BLOCK_LIST_NOT_FOUND"]);
  });
};

/** Runs after the calls of plugins, which install the metadata plugin `tagger`. */
export const policyCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const change = (...rules: object[]) => call("updateFieldPolicy", { body: { rules } });

  it("has no rules at first, and shows those that were set with the plugins' names", async () => {
    expect((await call("getFieldPolicy")).body).toMatchObject({ revision: 0, rules: [] });
    const { body } = await change(
      { plugin: "TAGGER", field: "tags:Word", rule: "never" },
      { plugin: null, field: "title", rule: "if-empty" },
    );
    expect(body.rules).toEqual([
      { plugin: null, name: null, field: "title", rule: "if-empty" },
      { plugin: "tagger", name: expect.any(String), field: "tags:word", rule: "never" },
    ]);
    expect((await call("getFieldPolicy")).body).toMatchObject({ revision: 1, rules: body.rules });
  });

  it("is refused for a plugin that is not installed or of another type, and if it has changed meanwhile", async () => {
    const rule = { field: "title", rule: "never" };
    const of = async (plugin: string) => {
      const { status, body } = await change({ ...rule, plugin });
      return [status, body.code];
    };
    expect(await of("nothing")).toEqual([404, "PLUGIN_NOT_FOUND"]);
    expect(await of("source-finder")).toEqual([400, "PLUGIN_NOT_METADATA"]);
    const late = await call("updateFieldPolicy", {
      body: { rules: [{ ...rule, plugin: null }], revision: 0 },
    });
    expect([late.status, late.body.code]).toEqual([409, "DOCUMENT_CHANGED"]);
    const odd = await change({ plugin: null, field: "tags:a:b", rule: "never" });
    expect(odd.status).toBe(400);
    expect((await call("getFieldPolicy")).body.revision).toBe(1);
  });

  it("decides what a client of LANraragi is shown of a plugin's result", async () => {
    const uploaded = await call("uploadArchive", { payload: archiveForm("policy.cbz", cbz("policy")) });
    const query = { plugin: "tagger", id: uploaded.body.id };
    await change({ plugin: "tagger", field: "tags", rule: "never" });
    const held = (await call("usePlugin", { query })).body;
    expect(held).toMatchObject({
      success: 1,
      data: { new_tags: "", heldBack: [{ field: expect.stringMatching(/^tags:/) }] },
    });
    await change({ plugin: "tagger", field: "tags", rule: null });
    const free = (await call("usePlugin", { query })).body;
    expect(free.data.new_tags).not.toBe("");
    expect(free.data).not.toHaveProperty("heldBack");
  });

  it("is free of rules again when they are removed", async () => {
    await change(
      { plugin: null, field: "title", rule: null },
      { plugin: "tagger", field: "tags:word", rule: null },
    );
    expect((await call("getFieldPolicy")).body.rules).toEqual([]);
  });

  const changeTags = (body: object) => call("updateTagRules", { body });

  it("has tag rules, which are changed, tried and undone", async () => {
    const first = (await call("getTagRules")).body;
    expect(first).toMatchObject({ revision: 0, enabled: true, text: "", canUndo: false });
    const early = await changeTags({ undo: true });
    expect([early.status, early.body.code]).toEqual([409, "TAG_RULES_NO_UNDO"]);
    for (const text of ["~", "gone ->", "gone => ", "-> b", "->"])
      expect((await changeTags({ text })).body.code, text).toBe("TAG_RULE_INVALID");
    const { body } = await changeTags({ text: "-gone\nword:* -> term:*\n~", lenient: true });
    expect(body).toMatchObject({
      rules: [
        { kind: "remove", from: "gone", to: "", text: "-gone" },
        { kind: "rename-namespace", from: "word", to: "term", text: "word:* -> term:*" },
      ],
      ...{ ignored: ["~"], table: null, tableTags: null, tableProblem: null, canUndo: true },
    });
    const tried = (await call("tryTagRules", { body: { tags: "GONE, word:a, b" } })).body;
    expect(tried).toMatchObject({
      tags: "term:a, b",
      steps: [
        { tag: "GONE", becomes: [], rules: ["-gone"], translated: false },
        { tag: "word:a", becomes: ["term:a"], rules: ["word:* -> term:*"], translated: false },
        { tag: "b", becomes: ["b"], rules: [], translated: false },
      ],
    });
    expect((await call("tryTagRules", { body: { tags: "b", text: "b -> c" } })).body.tags).toBe("c");
    expect((await changeTags({ undo: true })).body).toMatchObject({ text: "", revision: 2, canUndo: true });
    expect((await changeTags({ undo: true })).body.text).toBe("-gone\nword:* -> term:*\n~");
    expect((await changeTags({ text: "", revision: 1 })).body.code).toBe("DOCUMENT_CHANGED");
    const table = { file: "/nowhere.json", namespaces: false };
    expect((await changeTags({ table })).body.code).toBe("FILE_NOT_GRANTABLE");
    await changeTags({ text: "" });
  });

  it("are all in one answer, each part as its own call answers it", async () => {
    const { status, body } = await call("getPolicies");
    expect(status).toBe(200);
    const own = {
      installs: await call("getInstallPolicy"),
      signatures: await call("getSignaturePolicy"),
      blocks: await call("getBlockLists"),
      updates: await call("getUpdatePolicy"),
      fields: await call("getFieldPolicy"),
      tags: await call("getTagRules"),
    };
    const parts = Object.entries(own).map(([part, { body: answered }]) => {
      const { operation: _, success: __, error: ___, ...rest } = answered;
      return [part, rest];
    });
    const { operation, success, error, ...all } = body;
    expect([operation, success, error]).toEqual(["get_policies", 1, null]);
    expect(all).toEqual(Object.fromEntries(parts));
  });

  it("tries the tag rules on the tags of an archive", async () => {
    const payload = archiveForm("tried.cbz", cbz("tried"), { tags: "a, b" });
    const { id } = (await call("uploadArchive", { payload })).body;
    const { body } = await call("tryTagRules", { body: { archive: id, text: "-a" } });
    expect(body.tags).toBe("b");
  });

  it("applies the tag rules to archives in a batch, after a preview", async () => {
    const { id } = (await call("uploadArchive", { payload: archiveForm("ruled.cbz", cbz("ruled")) })).body;
    await call("putArchiveMetadata", { params: { id }, query: { tags: "old, stays" } });
    await call("updateTagRules", { body: { text: "old -> new" } });
    const { body } = await call("previewTagRules", { body: { ids: [id] } });
    expect(body.preview).toEqual({
      ...{ archives: 1, changed: 1 },
      items: [expect.objectContaining({ archive: id, before: "old, stays", after: "new, stays" })],
    });
    const both = await call("applyTagRules", { body: { ids: [id], all: true } });
    expect([both.status, both.body.code]).toEqual([400, "VALIDATION_FAILED"]);
    const { job } = (await call("applyTagRules", { body: { ids: [id] } })).body;
    expect((await world().server.ended(job)).result).toMatchObject({ data: { changed: 1 } });
    expect((await call("getBatch", { params: { job } })).body.batch).toMatchObject({ tag_rules: true });
    await call("updateTagRules", { body: { text: "" } });
    const unused = await call("applyTagRules", { body: { all: true } });
    expect([unused.status, unused.body.code]).toEqual([409, "TAG_RULES_UNUSED"]);
    await call("deleteArchive", { params: { id } });
  });
};
