import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createApply } from "../../../src/plugins/use/apply.ts";
import { createArchiveEdits } from "../../../src/plugins/use/archive-edits.ts";
import type { Use } from "../../../src/plugins/use/use.ts";
import { openPlugins } from "../open-plugins.ts";
import { echo, pluginSource } from "../plugin-source.ts";

const tagger = (namespace: string, body: string) =>
  pluginSource({ namespace: toNamespace(namespace), type: "metadata" }, body);

test("a metadata plugin's findings are written, and the archive keeps its own tags", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  await sideload(tagger("adds", 'return { tags: ["b", "ARTIST:a"], title: "New", summary: "short" };'));
  const { id } = await addArchive("one", "artist:A, c");
  const { data } = await plugins.apply({ namespace: "adds", archive: id });
  expect(data).toEqual({ new_tags: " b", title: "New", summary: "short" });
  expect(await library.get(id)).toMatchObject({ tags: "artist:A, c, b", title: "New", summary: "short" });
});

test("a plugin that finds nothing new changes nothing", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  await sideload(tagger("same", "return { tags: ctx.archive.tags };"));
  const archive = await addArchive("one", "b,a ,  x");
  await plugins.apply({ namespace: "same", archive: archive.id });
  expect(await library.get(archive.id)).toEqual(archive);
});

test("concurrent writes to one archive lose no tags", async () => {
  const { library, addArchive, active, log } = await openPlugins();
  const use: Use = async ({ namespace }) => ({
    result: { type: "metadata", data: {} },
    permit: () => ({ findings: { tags: [`by:${namespace}`] }, heldBack: [] }),
    found: true,
  });
  const { apply } = createApply({
    ...{ active, library, edit: createArchiveEdits(library), use, log },
    readSteps: async () => [],
  });
  const names = ["p1", "p2", "p3", "p4"];
  const { id } = await addArchive("one");
  await Promise.all(names.map((namespace) => apply({ namespace: toNamespace(namespace), archive: id })));
  const { tags } = await library.get(id);
  expect(tags.split(", ").sort()).toEqual(names.map((n) => `by:${n}`));
});

test("enabled plugins run lowest priority first, each on the result of the one before", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  const append = (name: string) =>
    tagger(
      name,
      `return { title: ctx.archive.title + ">${name}", tags: ["saw:" + ctx.archive.tags.length] };`,
    );
  await sideload(append("a"), append("b"), append("c"), append("off"), echo());
  expect(plugins.anyEnabled()).toBe(false);
  await plugins.configure("a", { enabled: true, priority: 5 });
  await plugins.configure("b", { enabled: true, priority: -1 });
  await plugins.configure("c", { enabled: true, priority: 0 });
  expect(plugins.anyEnabled()).toBe(true);
  const { id } = await addArchive("one", "", "T");
  const seen: [number, number, string | undefined][] = [];
  const outcomes = await plugins.applyEnabled(id, { onProgress: (...step) => seen.push(step as never) });
  expect(outcomes).toEqual(["b", "c", "a"].map((namespace) => ({ namespace, error: null })));
  expect(await library.get(id)).toMatchObject({ title: "T>b>c>a", tags: "saw:0, saw:1, saw:2" });
  expect(seen).toEqual([
    [0, 3, "b"],
    [1, 3, "c"],
    [2, 3, "a"],
    [3, 3],
  ]);
});

test("a failing plugin is reported and does not stop the others", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  await sideload(
    tagger("a-fails", "throw new Error('site is down');"),
    tagger("b-works", 'return { tags: "x" };'),
  );
  for (const namespace of ["a-fails", "b-works"])
    await plugins.configure(toNamespace(namespace), { enabled: true });
  const { id } = await addArchive("one");
  expect(await plugins.applyEnabled(id)).toEqual([
    { namespace: "a-fails", error: "site is down" },
    { namespace: "b-works", error: null },
  ]);
  expect((await library.get(id)).tags).toBe("x");
});

test("a cancelled run stops, and a run on an unknown archive does not begin", async () => {
  const { plugins, sideload, addArchive } = await openPlugins();
  await sideload(tagger("a", "return {};"));
  await plugins.configure("a", { enabled: true });
  const { id } = await addArchive("one");
  await expect(plugins.applyEnabled(id, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "PLUGIN_CANCELLED",
  });
  await expect(plugins.applyEnabled("0".repeat(40))).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
});

test("what the field policy holds back is neither written nor shown as new, and is reported", async () => {
  const { plugins, policy, sideload, addArchive, library } = await openPlugins();
  await sideload(tagger("adds", 'return { tags: "artist:a, b", title: "New", summary: "s" };'));
  await plugins.configure("adds", { enabled: true });
  await policy.changeFields([
    { plugin: null, field: "title", rule: "if-empty" },
    { plugin: "adds", field: "tags:artist", rule: "never" },
  ]);
  const { id } = await addArchive("one", "", "Mine");
  const held = [
    expect.objectContaining({ plugin: "adds", field: "title", value: "New", rule: "if-empty" }),
    expect.objectContaining({ plugin: "adds", field: "tags:artist", value: "artist:a", rule: "never" }),
  ];
  const data = { new_tags: " b", summary: "s", heldBack: held };
  expect(await plugins.use({ namespace: "adds", archive: id })).toEqual({ type: "metadata", data });
  expect(await plugins.applyEnabled(id)).toEqual([{ namespace: "adds", error: null, heldBack: held }]);
  expect(await library.get(id)).toMatchObject({ title: "Mine", tags: "b", summary: "s" });
  await policy.changeFields([{ plugin: null, field: "title", rule: undefined }]);
  const { data: written } = await plugins.apply({ namespace: "adds", archive: id });
  expect(written).toMatchObject({ new_tags: "", title: "New", heldBack: [held[1]] });
  expect(await library.get(id)).toMatchObject({ title: "New", tags: "b" });
});

test("of enabled plugins, the first one sets a title that the next may set only if it is empty", async () => {
  const { plugins, policy, sideload, addArchive, library } = await openPlugins();
  await sideload(tagger("a", 'return { title: "First" };'), tagger("b", 'return { title: "Second" };'));
  for (const namespace of ["a", "b"] as const) await plugins.configure(namespace, { enabled: true });
  await policy.changeFields([{ plugin: null, field: "title", rule: "if-empty" }]);
  const { id } = await addArchive("one");
  expect((await plugins.applyEnabled(id)).map(({ heldBack }) => heldBack?.length ?? 0)).toEqual([0, 1]);
  expect((await library.get(id)).title).toBe("First");
});

test("a result passes the tag rules, then the field policy, and then becomes an edit", async () => {
  const { plugins, policy, sideload, addArchive, library, write, root } = await openPlugins();
  await write("table.json", JSON.stringify({ "kind:short": "art:kurz" }));
  await sideload(tagger("adds", 'return { tags: "old:x, drop me, kind:short, artist:a" };'));
  await policy.changeTags({
    text: "-drop me\nold:* -> source:*\nartist:* -> creator:*",
    table: { file: `${root}/table.json`, namespaces: false },
  });
  await policy.changeFields([
    { plugin: null, field: "tags:source", rule: "never" },
    { plugin: null, field: "tags:artist", rule: "never" },
    { plugin: null, field: "tags:art", rule: "if-empty" },
  ]);
  const { id } = await addArchive("one", "creator:A");
  const heldBack = [expect.objectContaining({ field: "tags:source", value: "source:x" })];
  const { data } = await plugins.use({ namespace: "adds", archive: id });
  expect(data).toEqual({ new_tags: " art:kurz", heldBack });
  await plugins.apply({ namespace: "adds", archive: id });
  expect((await library.get(id)).tags).toBe("creator:A, art:kurz");
  await policy.changeTags({ enabled: false });
  const off = await plugins.use({ namespace: "adds", archive: id });
  expect(off.data).toMatchObject({ new_tags: " old:x, drop me, kind:short" });
  await policy.changeTags({ undo: true });
  await write("table.json", "{");
  await expect(plugins.apply({ namespace: "adds", archive: id })).rejects.toMatchObject({
    code: "TAG_TABLE_UNUSABLE",
  });
  expect((await library.get(id)).tags).toBe("creator:A, art:kurz");
});
