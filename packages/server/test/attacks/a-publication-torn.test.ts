import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { createTornRetries, type TornRetries } from "../../src/catalog/trust/torn-retries.ts";
import type { Sources } from "../../src/sources/sources.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

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

test("where the source tells its commit, the files of that commit are read at once", async () => {
  const refs: (string | undefined)[] = [];
  let whole: Buffer | undefined;
  const around = (sources: Sources): Sources => ({
    ...sources,
    get: (provider) => {
      const source = sources.get(provider);
      return {
        ...source,
        atCommit: async (registry) => ({ ...registry, ref: "c0ffee" }),
        fetch: async (registry, file, limits) => {
          refs.push(registry.ref);
          return registry.ref === "c0ffee" && file === "registry.json" && whole
            ? { changed: true, bytes: whole, validators: {} }
            : source.fetch({ ...registry, ref: undefined } as typeof registry, file, limits);
        },
      };
    },
  });
  const { refresh, offered, second } = await withTorn({ around });
  whole = second.index;
  refs.length = 0;
  await refresh();
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
  expect(refs).toEqual([undefined, undefined, "c0ffee", "c0ffee"]);
});
