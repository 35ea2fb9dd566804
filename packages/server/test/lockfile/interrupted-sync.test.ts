import path from "node:path";
import { HitagiError, type Lockfile } from "@hitagi/contract";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCurrentSet } from "../../src/lockfile/current-set.ts";
import { normalPolicies, readPolicies, setPolicies } from "../../src/lockfile/locked-policies.ts";
import { pluginBefore } from "../../src/lockfile/sync-journal.ts";
import { undoSync } from "../../src/lockfile/undo-sync.ts";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { openTestServer, type TestServer } from "../http/test-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";

let server: TestServer;
let lock: Lockfile;
/** What the runs of a sync have kept. */
let kept: unknown;
beforeEach(async () => {
  kept = undefined;
  server = await openTestServer();
  const folder = path.join(server.folder, "fixture");
  await writeRegistry(folder, fixturePlugins);
  const body = { name: "Fixture", provider: "local", path: folder };
  const { id } = (await server.call("createRegistry", { body })).body;
  await server.call("refreshRegistry", { params: { id } });
  for (const namespace of ["echo", "tagger"] as const)
    await server.services.installer.install({ namespace, registry: id });
  lock = await server.services.lockfiles.export();
  for (const namespace of ["echo", "tagger"] as const)
    await server.services.installer.uninstall(namespace, { dropSettings: true });
});
afterEach(() => server.close());

const installed = async (): Promise<string[]> =>
  Object.keys((await server.services.lockfiles.export()).plugins);

/** Syncs, and aborts before the second step. */
const syncAborted = (reason: HitagiError) => {
  const stopping = new AbortController();
  let steps = 0;
  return server.services.lockfiles.sync(
    { lock },
    {
      signal: stopping.signal,
      checkpoint: kept,
      keep: async (checkpoint) => {
        kept = JSON.parse(JSON.stringify(checkpoint));
      },
      onStep: (step) => {
        if (step !== "plan" && ++steps === 2) stopping.abort(reason);
      },
    },
  );
};

const sync = () => server.services.lockfiles.sync({ lock }, { checkpoint: kept, keep: async () => {} });

test("a sync that the end of the server interrupts goes on with its next run", async () => {
  await expect(syncAborted(new HitagiError("STOPPING"))).rejects.toMatchObject({ code: "STOPPING" });
  expect(await installed()).toEqual(["echo"]);
  await sync();
  expect(await installed()).toEqual(["echo", "tagger"]);
});

test("a run that fails undoes what the interrupted run before it did", async () => {
  await expect(syncAborted(new HitagiError("STOPPING"))).rejects.toMatchObject({ code: "STOPPING" });
  const { tagger } = lock.plugins;
  if (tagger) tagger.sha256 = "f".repeat(64);
  expect((await sync()).conflicts).toBe(1);
  expect(await installed()).toEqual([]);
});

test("a sync that is cancelled is undone", async () => {
  const before = await server.services.store.plugins.get("echo");
  await expect(syncAborted(new HitagiError("JOB_CANCELLED"))).rejects.toMatchObject({
    code: "JOB_CANCELLED",
  });
  expect(await installed()).toEqual([]);
  expect(await server.services.store.plugins.get("echo")).toEqual(before);
});

test("an undo leaves what the owner changed during the sync", async () => {
  const {
    installer,
    plugins,
    store,
    registries,
    trustDecisions: decisions,
    log,
    documents,
  } = server.services;
  const [{ id = "" } = {}] = await registries.list();
  await installer.install({ namespace: "tagger", registry: id });
  const parts = { registries, decisions, installer, plugins, store: store.plugins, log, documents };
  const tagger = (await readCurrentSet(parts)).plugins.get("tagger");
  if (!tagger) throw new Error("tagger is not installed");
  const wanted = { ...tagger.locked, enabled: true, priority: 5 };
  const before = pluginBefore("tagger", tagger, await store.plugins.get("tagger"), wanted);
  await plugins.configure("tagger", { enabled: true, priority: 9 });
  expect(await undoSync(parts, { added: [], plugins: [before] })).toEqual([]);
  expect(await store.plugins.get("tagger")).toMatchObject({ enabled: false, priority: 9 });
});

test("two syncs do not run at the same time", async () => {
  const both = await Promise.allSettled([sync(), sync()]);
  const failed = both.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
  expect(failed).toEqual(["SYNC_BUSY"]);
  expect(await installed()).toEqual(["echo", "tagger"]);
});

test("an undo puts the rules back that the sync set, and leaves those that the owner changed since", async () => {
  const { installer, plugins, store, registries, log, documents, policy } = server.services;
  const { trustDecisions: decisions } = server.services;
  const parts = { registries, decisions, installer, plugins, store: store.plugins, log, documents };
  const before = await readPolicies(documents);
  const wanted = normalPolicies({
    fields: [{ plugin: null, field: "title", rule: "never" }],
    tags: { enabled: true, text: "-gone" },
  });
  await setPolicies(documents, wanted);
  await policy.changeTags({ text: "-mine" });
  expect(await undoSync(parts, { added: [], plugins: [], policies: { before, wanted } })).toEqual([]);
  expect(await readPolicies(documents)).toEqual({ ...before, tags: { enabled: true, text: "-mine" } });
});
