import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createChain } from "../../../src/plugins/chain/chain.ts";
import { createReadSteps } from "../../../src/plugins/chain/steps.ts";
import { type OpenPlugins, openPlugins } from "../open-plugins.ts";
import { echo, pluginSource } from "../plugin-source.ts";

const plugin = (namespace: string, body: string) =>
  pluginSource({ namespace: toNamespace(namespace), type: "metadata" }, body);

const finds = (namespace: string) =>
  plugin(namespace, `return { tags: ["by:${namespace}"], title: ctx.archive.title + ">${namespace}" };`);

const chainOf = ({ active, documents, plugins }: OpenPlugins) =>
  createChain({
    active,
    documents,
    readSteps: createReadSteps(active, documents),
    configure: plugins.configure,
  });

const open = async (...sources: string[]) => {
  const world = await openPlugins();
  await world.sideload(...sources);
  return { ...world, chain: chainOf(world) };
};

const newJob = async ({ jobs }: OpenPlugins["store"]): Promise<number> => {
  const actor = { kind: "server", key: null } as const;
  return (await jobs.create({ task: "run_batch", args: [], actor, priority: 0, notes: {} }, 1)).id;
};

const namesOf = ({ steps }: { steps: { plugin: string }[] }) => steps.map((step) => step.plugin);

test("without a chain of the owner, the enabled plugins always run, in their order", async () => {
  const { chain, plugins } = await open(finds("a"), finds("b"), finds("c"));
  await plugins.configure("b", { enabled: true, priority: 1 });
  await plugins.configure("a", { enabled: true, priority: 2 });
  expect(await chain.show()).toEqual({
    revision: 0,
    steps: [
      { plugin: "b", name: "The b", when: {}, ends_on_hit: false, usable: true },
      { plugin: "a", name: "The a", when: {}, ends_on_hit: false, usable: true },
    ],
  });
});

test("a chain enables its plugins in its order, and disables the others", async () => {
  const { chain, plugins, active } = await open(finds("a"), finds("b"), finds("c"));
  await plugins.configure("a", { enabled: true, priority: 1 });
  const replaced = await chain.replace([{ plugin: "C" }, { plugin: "b", ends_on_hit: true }], 0);
  expect(namesOf(replaced)).toEqual(["c", "b"]);
  expect(active.get("a")?.enabled).toBe(false);
  expect(active.get("c")).toMatchObject({ enabled: true, priority: 1 });
  expect(active.get("b")).toMatchObject({ enabled: true, priority: 2 });
  await plugins.configure("b", { priority: 0 });
  expect(namesOf(await chain.show())).toEqual(["b", "c"]);
});

test("priorities stay where the order is as before", async () => {
  const { chain, plugins, active } = await open(finds("a"), finds("b"));
  await plugins.configure("a", { enabled: true, priority: -7 });
  await plugins.configure("b", { enabled: true, priority: 40 });
  await chain.replace([{ plugin: "a", when: { nothing_found: true } }, { plugin: "b" }], undefined);
  expect([active.get("a")?.priority, active.get("b")?.priority]).toEqual([-7, 40]);
});

test("a chain that was changed meanwhile, an unknown plugin, another type and a plugin twice are refused, and change nothing", async () => {
  const { chain } = await open(finds("a"), echo());
  await chain.replace([{ plugin: "a" }], 0);
  const refusals: [{ plugin: string }[], number | undefined, string][] = [
    [[], 0, "DOCUMENT_CHANGED"],
    [[{ plugin: "nobody" }], undefined, "PLUGIN_NOT_FOUND"],
    [[{ plugin: "echo" }], undefined, "PLUGIN_NOT_METADATA"],
    [[{ plugin: "a" }, { plugin: "A" }], undefined, "VALIDATION_FAILED"],
  ];
  for (const [steps, revision, code] of refusals) {
    await expect(chain.replace(steps, revision)).rejects.toMatchObject({ code });
  }
  expect(await chain.show()).toMatchObject({ revision: 1, steps: [{ plugin: "a" }] });
});

test("a plugin that is disabled and enabled again keeps its conditions, one that left the chain does not", async () => {
  const { chain, plugins } = await open(finds("a"), finds("b"));
  const when = { tagged: ["x"] };
  await chain.replace(
    [
      { plugin: "a", when },
      { plugin: "b", when },
    ],
    undefined,
  );
  await plugins.configure("a", { enabled: false });
  await chain.replace([], undefined);
  await plugins.configure("a", { enabled: true });
  await plugins.configure("b", { enabled: true });
  const { steps } = await chain.show();
  expect(steps.map((step) => [step.plugin, step.when])).toEqual([
    ["a", when],
    ["b", {}],
  ]);
});

test("new archives go through the chain: conditions skip plugins, and a hit ends it", async () => {
  const { chain, plugins, library, addArchive } = await open(
    plugin("nothing", "return {};"),
    finds("first"),
    finds("fallback"),
    finds("last"),
  );
  await chain.replace(
    [
      { plugin: "nothing", ends_on_hit: true },
      { plugin: "first", when: { untagged: ["done"] } },
      { plugin: "fallback", when: { nothing_found: true }, ends_on_hit: true },
      { plugin: "last" },
    ],
    undefined,
  );
  const fresh = await addArchive("one", "", "T");
  expect(await plugins.applyEnabled(fresh.id)).toEqual([
    { namespace: "nothing", error: null },
    { namespace: "first", error: null },
    {
      namespace: "fallback",
      error: null,
      skipped: { code: "found-before", text: "first found something before" },
    },
    { namespace: "last", error: null },
  ]);
  expect(await library.get(fresh.id)).toMatchObject({ title: "T>first>last", tags: "by:first, by:last" });

  const done = await addArchive("two", "done", "T");
  const outcomes = await plugins.applyEnabled(done.id);
  expect(outcomes.map(({ skipped }) => skipped?.code)).toEqual([
    undefined,
    "tagged",
    undefined,
    "chain-ended",
  ]);
  expect((await library.get(done.id)).tags).toBe("done, by:fallback");
});

test("a condition sees the tags that the plugins before have set", async () => {
  const { chain, plugins, library, addArchive } = await open(finds("a"), finds("b"));
  await chain.replace([{ plugin: "a" }, { plugin: "b", when: { untagged: ["by:a"] } }], undefined);
  const { id } = await addArchive("one");
  await plugins.applyEnabled(id);
  expect((await library.get(id)).tags).toBe("by:a");
});

test("a plugin that finds what the archive has already counts as a hit, and one that fails does not", async () => {
  const { chain, plugins, addArchive } = await open(
    plugin("fails", "throw new Error('site is down');"),
    plugin("known", "return { tags: ctx.archive.tags };"),
    finds("fallback"),
  );
  const fallback = { plugin: "fallback", when: { nothing_found: true as const } };
  await chain.replace([{ plugin: "fails" }, fallback], undefined);
  const { id } = await addArchive("one", "x");
  expect((await plugins.applyEnabled(id)).map(({ skipped }) => skipped?.code)).toEqual([
    undefined,
    undefined,
  ]);
  await chain.replace([{ plugin: "known" }, fallback], undefined);
  expect((await plugins.applyEnabled(id)).map(({ skipped }) => skipped?.code)).toEqual([
    undefined,
    "found-before",
  ]);
});

test("a batch of all enabled plugins goes through the chain, one of a named plugin does not", async () => {
  const { chain, plugins, library, addArchive, store } = await open(finds("a"), finds("b"));
  await chain.replace(
    [{ plugin: "a", when: { tagged: ["x"] }, ends_on_hit: true }, { plugin: "b" }],
    undefined,
  );
  const [tagged, bare] = [await addArchive("one", "x"), await addArchive("two")];
  const [first, second] = [await newJob(store), await newJob(store)];
  const counts = await plugins.batches.run(first, { plugin: undefined, archives: undefined });
  expect(counts).toMatchObject({ changed: 2, skipped: 0 });
  // Archives are processed side by side, so that either may be the first of the report.
  const { items } = await plugins.batches.report(first, undefined, 1, 10);
  const skippedOf = (id: string) => items.find(({ archive }) => archive === id)?.skipped;
  expect(skippedOf(tagged.id)).toEqual([
    { plugin: "b", code: "chain-ended", text: "a found something, which ends the chain" },
  ]);
  expect(skippedOf(bare.id)).toEqual([{ plugin: "a", code: "not-tagged", text: "it has no tag x" }]);
  expect((await library.get(tagged.id)).tags).toBe("x, by:a");
  expect((await library.get(bare.id)).tags).toBe("by:b");
  await plugins.batches.run(second, { plugin: toNamespace("a"), archives: [bare.id] });
  expect((await library.get(bare.id)).tags).toBe("by:b, by:a");
});

test("a batch reports archives on which no plugin ran as skipped", async () => {
  const { chain, plugins, addArchive, store } = await open(finds("a"));
  await chain.replace([{ plugin: "a", when: { tagged: ["x"] } }], undefined);
  const { id } = await addArchive("one");
  const job = await newJob(store);
  expect(await plugins.batches.run(job, { plugin: undefined, archives: [id] })).toMatchObject({ skipped: 1 });
  const [item] = (await plugins.batches.report(job, "skipped", 1, 10)).items;
  expect(item).toMatchObject({ archive: id, before: null, skipped: [{ plugin: "a", code: "not-tagged" }] });
});

test("a batch by source gives each archive's address to the plugin that reads it", async () => {
  const reader = (namespace: string) =>
    pluginSource(
      { namespace: toNamespace(namespace), type: "metadata", url_regex: `^https://${namespace}\\.example/` },
      "return { tags: ['read:' + ctx.arg] };",
    );
  const { plugins, library, addArchive, store } = await open(reader("a"), reader("b"));
  const known = await addArchive("1", "source:unknown.example/1, source:b.example/1, source:a.example/1");
  const unknown = await addArchive("2", "source:unknown.example/2");
  const bare = await addArchive("3", "x");
  const missing = "f".repeat(40);
  const job = await newJob(store);
  const archives = [known.id, unknown.id, bare.id, missing];
  const counts = await plugins.batches.run(job, { plugin: undefined, bySource: true, archives });
  expect(counts).toMatchObject({ changed: 1, skipped: 2, failed: 1 });
  expect((await library.get(known.id)).tags).toContain("read:https://b.example/1");
  const { items } = await plugins.batches.report(job, undefined, 1, 10);
  const reasons = new Map(
    items.map((item) => [item.archive, item.skipped?.[0]?.code ?? item.errors[0]?.code]),
  );
  expect(archives.map((id) => reasons.get(id))).toEqual([
    undefined,
    "unknown-source",
    "no-source",
    "ARCHIVE_NOT_FOUND",
  ]);
});

test("a trial shows what each step would do on the result of the one before, and stores nothing", async () => {
  const { chain, plugins, library, addArchive } = await open(
    finds("a"),
    plugin("fails", "throw new Error('site is down');"),
    finds("b"),
    plugin("nothing", "return {};"),
    finds("off"),
  );
  await chain.replace(
    [
      { plugin: "a" },
      { plugin: "fails" },
      { plugin: "nothing" },
      { plugin: "b", when: { tagged: ["by:a"] }, ends_on_hit: true },
      { plugin: "off" },
    ],
    undefined,
  );
  const archive = await addArchive("one", "x", "T");
  const trial = await plugins.tryChain(archive.id);
  expect(trial.steps.map(({ plugin: name, outcome }) => [name, outcome])).toEqual([
    ["a", "found"],
    ["fails", "failed"],
    ["nothing", "nothing"],
    ["b", "found"],
    ["off", "skipped"],
  ]);
  expect(trial.steps[1]?.error).toMatchObject({ code: "PLUGIN_FAILED", message: "site is down" });
  expect(trial.steps[3]).toMatchObject({
    changes: { tags: ["by:b"], title: "T>a>b", summary: null },
    ends_chain: true,
  });
  expect(trial.steps[4]?.skipped?.code).toBe("chain-ended");
  expect(trial.before).toEqual({ title: "T", tags: "x", summary: "" });
  expect(trial.after).toEqual({ title: "T>a>b", tags: "x, by:a, by:b", summary: "" });
  expect(await library.get(archive.id)).toEqual(archive);
  await plugins.applyEnabled(archive.id);
  expect(await library.get(archive.id)).toMatchObject(trial.after);
});

test("a trial shows what the field policy holds back, judged by what the steps before would leave", async () => {
  const { chain, plugins, policy, library, addArchive } = await open(finds("a"), finds("b"));
  await policy.changeFields([
    { plugin: null, field: "title", rule: "if-empty" },
    { plugin: "b", field: "tags:by", rule: "never" },
  ]);
  await chain.replace([{ plugin: "a" }, { plugin: "b", ends_on_hit: true }], undefined);
  const archive = await addArchive("one", "x");
  const trial = await plugins.tryChain(archive.id);
  expect(trial.steps).toMatchObject([
    { changes: { tags: ["by:a"], title: "one>a" }, heldBack: [] },
    {
      outcome: "found",
      changes: { tags: [], title: null },
      heldBack: [
        { field: "title", rule: "if-empty", plugin: "b" },
        { field: "tags:by", rule: "never", plugin: "b" },
      ],
      ends_chain: true,
    },
  ]);
  expect(trial.after).toMatchObject({ title: "one>a", tags: "x, by:a" });
  expect(await library.get(archive.id)).toEqual(archive);
  await plugins.applyEnabled(archive.id);
  expect(await library.get(archive.id)).toMatchObject(trial.after);
});

test.each(["write", "write+add"] as const)(
  "a trial does not run a plugin with library %s",
  async (library) => {
    const writer = pluginSource(
      { namespace: "writer", type: "metadata", permissions: { library } },
      "return { tags: ['x'] };",
    );
    const { chain, plugins, addArchive } = await open(writer);
    await chain.replace([{ plugin: "writer" }], undefined);
    const { id } = await addArchive("one");
    expect((await plugins.tryChain(id)).steps).toMatchObject([
      { outcome: "skipped", skipped: { code: "may-write" } },
    ]);
    await expect(plugins.tryChain("0".repeat(40))).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
  },
);

/** A chain whose changes of records each wait until all that was asked for has begun. */
const slowChainOf = (
  { active, documents, plugins }: OpenPlugins,
  before: (count: number) => Promise<void>,
) => {
  let count = 0;
  return createChain({
    active,
    documents,
    readSteps: createReadSteps(active, documents),
    configure: async (namespace, flags) => {
      await before(++count);
      await plugins.configure(namespace, flags);
    },
  });
};

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("of two chains that are set at once the order of one stays, and no look shows a part of an order", async () => {
  const world = await open(finds("a"), finds("b"), finds("c"), finds("d"));
  const chain = slowChainOf(world, turn);
  const one = ["a", "b", "c", "d"].map((plugin) => ({ plugin }));
  const other = ["d", "c", "b", "a"].map((plugin) => ({ plugin }));
  const orders = ["", "a b c d", "d c b a"];
  const replaced = Promise.all([chain.replace(one, undefined), chain.replace(other, undefined)]);
  let hasEnded = false;
  void replaced.finally(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    expect(orders).toContain(namesOf(await chain.show()).join(" "));
    await turn();
  }
  expect((await replaced).map((shown) => namesOf(shown).join(" "))).toEqual(["a b c d", "d c b a"]);
  expect(namesOf(await chain.show())).toEqual(["d", "c", "b", "a"]);
});

test("a plugin that is removed while the chain is set leaves the others in their order", async () => {
  const world = await open(finds("a"), finds("b"), finds("c"));
  const chain = slowChainOf(world, async (count) => {
    if (count === 2) world.active.set(toNamespace("b"), undefined);
  });
  const replaced = await chain.replace([{ plugin: "c" }, { plugin: "b" }, { plugin: "a" }], undefined);
  expect(namesOf(replaced)).toEqual(["c", "a"]);
});
