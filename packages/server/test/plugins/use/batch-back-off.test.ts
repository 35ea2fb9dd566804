import { type BatchItem, batchOutcomes, LAST_EPOCH, SERVER_ACTOR, toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { httpServer } from "../../support/http-server.ts";
import { openPlugins } from "../open-plugins.ts";
import { pluginSource } from "../plugin-source.ts";

const none = Object.fromEntries(batchOutcomes.map((outcome) => [outcome, 0]));
const enabled = { plugin: undefined, archives: undefined };

/** A site that has pages of all archives, but refuses some; a plugin that reads it, one that does not, and a batch of both. */
const setup = async (count: number, refuses: (page: number) => boolean) => {
  const asked: number[] = [];
  const state = { isOpen: false };
  const site = await httpServer((request, response) => {
    const page = Number(request.url?.slice(1));
    asked.push(page);
    if (!state.isOpen && refuses(page)) response.writeHead(429, { "retry-after": "7200" });
    response.end(`page ${page}`);
  });
  const reader = pluginSource(
    { namespace: toNamespace("site"), type: "metadata", permissions: { net: [new URL(site).host] } },
    `const response = await fetch("${site}/" + ctx.archive.title.split(" ")[0]);
     if (!response.ok) throw new Error("no page");
     return { tags: ["site:" + (await response.text())] };`,
  );
  const other = pluginSource(
    { namespace: toNamespace("other"), type: "metadata" },
    `return { tags: ["other:yes"] };`,
  );
  const opened = await openPlugins();
  await opened.sideload(reader, other);
  for (const plugin of ["site", "other"]) {
    await opened.plugins.configure(toNamespace(plugin), { enabled: true });
  }
  for (let n = 0; n < count; n++) await opened.addArchive(`${n}`);
  const { id: job } = await opened.store.jobs.create(
    { task: "run_batch", args: [], actor: SERVER_ACTOR, priority: 0, notes: {} },
    1,
  );
  const kept: unknown[] = [];
  /** Runs the batch as a server would that knows only what was kept. */
  const run = (checkpoint: unknown = kept.at(-1)) =>
    opened.plugins.batches.run(job, enabled, {
      checkpoint: checkpoint === undefined ? undefined : JSON.parse(JSON.stringify(checkpoint)),
      keep: async (now) => void kept.push(now),
    });
  const items = async (): Promise<BatchItem[]> =>
    (await opened.plugins.batches.report(job, undefined, 1, 200)).items;
  const tagged = async (tag: string) =>
    (await opened.library.list()).filter(({ tags }) => tags.includes(tag)).length;
  return { ...opened, asked, state, job, run, items, tagged, kept };
};

test("a plugin that a site refuses pauses with its place kept, and the others go on over all archives", async () => {
  const world = await setup(12, (page) => page >= 3);
  const { batches } = world.plugins;
  const before = Date.now() / 1000;
  const paused = await world.run();
  expect(paused).toEqual({ until: expect.any(Number) });
  expect("until" in paused && paused.until).toBeGreaterThanOrEqual(before + 7200);
  expect([await world.tagged("other:yes"), await world.tagged("site:page")]).toEqual([12, 3]);
  const waiting = (await world.items()).filter(({ outcome }) => outcome === "pending");
  expect(waiting).toHaveLength(9);
  for (const item of waiting) expect(item).toMatchObject({ waiting: ["site"], errors: [] });
  expect(batches.pauses(world.kept.at(-1))).toMatchObject([
    { plugin: "site", code: "PLUGIN_LIMITED", reason: "127.0.0.1 answered 429" },
  ]);

  const asked = world.asked.length;
  expect(await world.run()).toEqual(paused);
  expect(world.asked).toHaveLength(asked);

  world.state.isOpen = true;
  expect(await world.run([])).toEqual({ ...none, changed: 12 });
  const again = world.asked.slice(asked);
  expect([...again].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect([await world.tagged("other:yes"), await world.tagged("site:page")]).toEqual([12, 12]);
  expect(await batches.undo(world.job)).toMatchObject({ undone: 12, restored: 12 });
  for (const { tags } of await world.library.list()) expect(tags).toBe("");
});

test("a batch of which every plugin pauses stores nothing of the archives that it did not reach", async () => {
  const world = await setup(60, () => true);
  await world.plugins.configure(toNamespace("other"), { enabled: false });
  await world.run();
  expect(world.asked.length).toBeLessThan(20);
  expect((await world.items()).length).toBeLessThan(20);
  world.state.isOpen = true;
  expect(await world.run([])).toEqual({ ...none, changed: 60 });
});

test("a login that does not work is told once, and its plugin pauses until the batch is resumed", async () => {
  let logins = 0;
  const site = await httpServer((request, response) => {
    if (request.url === "/login") logins++;
    response.end("page");
  });
  const net = [new URL(site).host];
  const login = pluginSource(
    {
      ...{ namespace: toNamespace("site-login"), type: "login", permissions: { net } },
      parameters: { works: { type: "bool" } },
    },
    `await fetch("${site}/login");
     if (!ctx.settings.works) throw new Error("wrong password");
     return { headers: { "x-session": "1" } };`,
  );
  const reader = pluginSource(
    {
      ...{ namespace: toNamespace("site"), type: "metadata", permissions: { net } },
      login_from: toNamespace("site-login"),
    },
    `return { tags: [await (await fetch("${site}/page")).text()] };`,
  );
  const { plugins, store, sideload, addArchive, setting, library } = await openPlugins();
  await sideload(login, reader);
  for (let n = 0; n < 40; n++) await addArchive(`${n}`);
  const { id: job } = await store.jobs.create(
    { task: "run_batch", args: [], actor: SERVER_ACTOR, priority: 0, notes: {} },
    1,
  );
  const kept: unknown[] = [];
  const run = (checkpoint?: unknown) =>
    plugins.batches.run(
      job,
      { plugin: toNamespace("site"), archives: undefined },
      { checkpoint, keep: async (now) => void kept.push(now) },
    );
  expect(await run()).toEqual({ until: LAST_EPOCH });
  expect(logins).toBeLessThanOrEqual(8);
  expect(plugins.batches.pauses(kept.at(-1))).toMatchObject([
    {
      ...{ plugin: "site", code: "LOGIN_FAILED", until: null },
      reason: expect.stringMatching(/^The login site-login does not work: .*wrong password/),
    },
  ]);
  expect((await plugins.batches.counts(job)).failed).toBe(0);
  await setting("site-login", "works", true);
  expect(await run([])).toEqual({ ...none, changed: 40 });
  for (const { tags } of await library.list()) expect(tags).toBe("page");
});
