import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { createTornRetries, type TornRetries } from "../../src/catalog/trust/torn-retries.ts";
import { openWorld } from "../catalog/world.ts";
import { forgeServer } from "../sources/forge-server.ts";
import { makeAuthority } from "../support/authority.ts";
import { openSigned, type Publication, publication } from "../support/signed-registry.ts";
import { tempFolder } from "../support/temp-folder.ts";

const offers = { echo: { "1.0.0": "one", "2.0.0": "two" } };

/** A registry whose first publication was accepted, and whose second one shows its head before its index. */
const withTorn = async (options: Parameters<typeof openSigned>[0] = {}) => {
  const world = await openSigned(options);
  const first = publication();
  world.source.show(first);
  await world.refresh();
  const second = publication({ after: first, offers });
  world.source.show({ ...second, index: first.index });
  return { ...world, first, second };
};

test("a torn publication is refused at once, nothing of it is used, and it heals when it is whole", async () => {
  const { source, refresh, offered, accepted, registries, id, clock, second } = await withTorn();
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN", status: 502 });
  expect((await registries.get(id)).failure).toMatchObject({ code: "REGISTRY_TORN", since: clock.now });
  expect(await offered()).toEqual(["1.0.0"]);
  expect((await accepted())?.sequence).toBe(1);
  source.show(second);
  await refresh();
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
  expect(await registries.get(id)).not.toHaveProperty("failure");
});

test("torn details are refused as a torn index is", async () => {
  const { source, refresh, offered, first } = await withTorn();
  const yank = publication({ after: first, offers, yanked: { gone: { "1.0.0": "x" } } });
  source.show({ ...yank, details: Buffer.from('{"version":1}') });
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN" });
  expect(await offered()).toEqual(["1.0.0"]);
});

test("it is retried with growing pauses for an hour, and is a mismatch then, which only a refresh tries again", async () => {
  const pauses: number[] = [];
  let retries: TornRetries | undefined;
  const world = await withTorn({ onTorn: (id, since) => retries?.onTorn(id, since) });
  const { source, refresh, registries, store, clock, id, second } = world;
  const free = async () => {
    const lock = await store.locks.tryAcquire(`registry:${id}`);
    if (!lock) throw new Error("the refresh before it did not end yet");
    await lock.release();
  };
  retries = createTornRetries({
    refresh: () => refresh(),
    log: pino({ level: "silent" }),
    now: () => clock.now,
    delay: async (ms) => {
      pauses.push(ms / 1000);
      clock.now += ms / 1000;
      await vi.waitFor(free, { timeout: 30_000 });
    },
  });
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN" });
  const since = clock.now - (pauses[0] ?? 0);
  const failure = async () => (await registries.get(id)).failure;
  await vi.waitFor(async () => expect(await failure()).toMatchObject({ code: "INDEX_MISMATCH", since }), {
    timeout: 30_000,
  });
  expect(pauses).toEqual([60, 60, 120, 240, 480, 900, 900, 900]);
  source.show(second);
  await refresh();
  expect(await failure()).toBeUndefined();
});

test("where a forge tells its commit, the files of that commit are read at once", async () => {
  const authority = await makeAuthority();
  const folder = await tempFolder();
  const first = publication();
  const second = publication({ after: first, offers });
  let isCached = false;
  const forge = await forgeServer({
    ...{ forge: "gitea", authority, folder },
    // A cache of the forge still has the index of the branch's commit before.
    before: ({ url = "" }, response) => {
      const isStale = isCached && url.endsWith("/raw/registry.json?ref=main");
      if (isStale) response.end(first.index);
      return isStale;
    },
  });
  const show = async ({ head, index }: Publication) => {
    await writeFile(path.join(folder, "registry.head"), head);
    await writeFile(path.join(folder, "registry.json"), index);
  };
  const { catalog, registries, store } = await openWorld({ network: { ca: authority.ca } });
  const fields = { provider: "gitea", url: `${forge.base}/owner/repo`, ref: "main" } as const;
  const { id } = await registries.create({ name: "forge", ...fields });
  await show(first);
  await catalog.refresh(id);
  await show(second);
  isCached = true;
  forge.asked.length = 0;
  await catalog.refresh(id);
  const entry = await store.catalog.entry(id, "echo");
  expect(Object.keys(entry?.versions ?? {})).toEqual(["1.0.0", "2.0.0"]);
  const raw = forge.asked.flatMap((line) => /\/raw\/(\S+)\?ref=(\w+)$/.exec(line)?.slice(1).join(" ") ?? []);
  const commit = expect.stringMatching(/^registry\.(?:head|json) [0-9a-f]{40}$/);
  expect(raw).toEqual(["registry.head main", "registry.json main", commit, commit]);
});
