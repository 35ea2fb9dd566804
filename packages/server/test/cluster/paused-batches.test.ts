import path from "node:path";
import { type Client, createClient, toNamespace } from "@hitagi/contract";
import { describe, expect, test, vi } from "vitest";
import { cbz } from "../library/cbz.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { gate } from "../support/gate.ts";
import { httpServer } from "../support/http-server.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { startBundled } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { upload } from "../support/stored-records.ts";
import { tempFolder } from "../support/temp-folder.ts";

const entry = path.join(import.meta.dirname, "scripts/serve.ts");
const ARCHIVES = 6;

/** A site that refuses all requests for two hours, until it is opened. Its answers wait for a gate, where it has one. */
const refusingSite = async () => {
  const state: { isOpen: boolean; gate?: Promise<void> } = { isOpen: false };
  const asked: string[] = [];
  const url = await httpServer(async (request, response) => {
    asked.push(request.url ?? "");
    await state.gate;
    if (!state.isOpen) response.writeHead(429, { "retry-after": "7200" });
    response.end("page");
  });
  return { url, state, asked };
};

/** Starts a server in a process of its own. */
const serve = async (settings: Record<string, string>) => {
  const given = { port: "0", warm: "0", settle: "0", apiKey: "k", ...settings };
  const script = startBundled(await bundleServer(entry), [JSON.stringify(given)]);
  const { address } = JSON.parse(await script.line()) as { address: string };
  return { client: createClient(address, "k"), kill: script.kill };
};

const batchOf = async (client: Client, job: number) =>
  (await client.getBatch({ params: { job }, query: { size: 1 } })).batch;

/** Starts a batch of a plugin that reads the site, on new archives. @param cooldown seconds between two archives */
const startedBatch = async (client: Client, site: string, cooldown = 0): Promise<number> => {
  const net = [new URL(site).host];
  const source = pluginSource(
    { namespace: toNamespace("site"), type: "metadata", permissions: { net }, cooldown },
    `const response = await fetch("${site}/" + ctx.archive.title);
     if (!response.ok) throw new Error("no page");
     return { tags: ["site:" + (await response.text())] };`,
  );
  await client.sideloadPlugin({ file: new Blob([source]), filename: "site.ts", body: {} });
  await client.grantPermissions({ params: { namespace: "site" }, body: {} });
  const ids: string[] = [];
  for (let n = 0; n < ARCHIVES; n++) ids.push(await upload(client, `${n}.cbz`, cbz(`${n}`)));
  return (await client.startBatch({ body: { plugin: "site", ids } })).job;
};

/** @returns the job of such a batch, when it is paused */
const pausedBatch = async (client: Client, site: string): Promise<number> => {
  const job = await startedBatch(client, site);
  await vi.waitFor(async () => expect((await batchOf(client, job)).paused).toBe(true), { timeout: 60_000 });
  return job;
};

/** Lets the batch go on, and waits for its end. @returns the pages that the site was asked for since */
const resumed = async (client: Client, job: number, site: Awaited<ReturnType<typeof refusingSite>>) => {
  site.state.isOpen = true;
  const before = site.asked.length;
  await client.resumeBatch({ params: { job } });
  await vi.waitFor(async () => expect((await batchOf(client, job)).state).toBe("finished"), {
    timeout: 60_000,
  });
  expect((await batchOf(client, job)).counts).toMatchObject({ changed: ARCHIVES, failed: 0, pending: 0 });
  return site.asked.slice(before).sort();
};

const everyPage = Array.from({ length: ARCHIVES }, (_, n) => `/${n}`);

test("a paused batch keeps its place over kill -9 of its only server, and asks for each page once when it goes on", async () => {
  const site = await refusingSite();
  const settings = { data: await tempFolder(), library: await tempFolder() };
  const first = await serve(settings);
  const job = await pausedBatch(first.client, site.url);
  const before = await batchOf(first.client, job);
  await first.kill();

  const second = await serve(settings);
  const after = await batchOf(second.client, job);
  expect(after).toMatchObject({ paused: true, resumes: before.resumes, counts: before.counts });
  expect(after.pauses).toEqual(before.pauses);
  expect(await resumed(second.client, job, site)).toEqual(everyPage);
});

describe.skipIf(withoutRedis)("two servers on one Redis", () => {
  const redis = sharedRedis();
  let db = 0;
  const node = async (library: string) =>
    serve({ store: redis().address(db), data: await tempFolder(), library });

  test("a batch that was paused on one goes on once, on either", async () => {
    db++;
    const site = await refusingSite();
    const library = await libraryOn(redis().address(db));
    const [a, b] = [await node(library), await node(library)];
    const job = await pausedBatch(a.client, site.url);
    expect((await batchOf(b.client, job)).paused).toBe(true);
    expect(await resumed(b.client, job, site)).toEqual(everyPage);
    expect((await batchOf(a.client, job)).state).toBe("finished");
  });

  test("the owner pauses on one server a batch that runs on the other, and resumes it on either", async () => {
    db++;
    const site = await refusingSite();
    const answers = gate();
    site.state.isOpen = true;
    site.state.gate = answers.opened;
    const library = await libraryOn(redis().address(db));
    const a = await node(library);
    const job = await startedBatch(a.client, site.url, 1);
    await vi.waitFor(() => expect(site.asked).toHaveLength(1));
    const b = await node(library);
    await b.client.pauseBatch({ params: { job } });
    expect(await batchOf(a.client, job)).toMatchObject({ state: "active", pausing: true, paused: false });
    answers.open();
    await vi.waitFor(async () => expect((await batchOf(b.client, job)).paused).toBe(true), {
      timeout: 60_000,
    });
    const { counts, resumes } = await batchOf(a.client, job);
    expect([resumes, counts.pending]).toEqual([null, 0]);
    expect(counts.changed).toBe(site.asked.length);
    const before = [...site.asked];
    expect(before.length).toBeLessThan(ARCHIVES);
    expect([...before, ...(await resumed(b.client, job, site))].sort()).toEqual(everyPage);
  });

  test("a batch that was paused on a server that is killed -9 goes on once on the other", async () => {
    db++;
    const site = await refusingSite();
    const library = await libraryOn(redis().address(db));
    const a = await node(library);
    const job = await pausedBatch(a.client, site.url);
    const b = await node(library);
    await a.kill();
    expect(await batchOf(b.client, job)).toMatchObject({ paused: true, state: "inactive" });
    expect(await resumed(b.client, job, site)).toEqual(everyPage);
  });
});
