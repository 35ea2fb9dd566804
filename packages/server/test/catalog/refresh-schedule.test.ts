import { rm } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRefreshAll } from "../../src/catalog/refresh-all.ts";
import { createRefreshSchedule } from "../../src/catalog/refresh-schedule.ts";
import { httpServer } from "../support/http-server.ts";
import { fixtureIndex, writeRegistry } from "../support/registry-fixture.ts";
import { openWorld, type World } from "./world.ts";

const HOUR = 3600;
const log = pino({ level: "silent" });

/** A schedule whose time passes as fast as it wants to wait, until the given hours are over; then it waits for ever. */
const openSchedule = (world: World, options: { hours?: number; until: number; random?: () => number }) => {
  const { registries, catalog, clock } = world;
  const begun = clock.now;
  const waited: number[] = [];
  const tries: { id: string; at: number }[] = [];
  const watched: World["catalog"]["refresh"] = (id, signal) => {
    tries.push({ id, at: clock.now - begun });
    return catalog.refresh(id, signal);
  };
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const schedule = createRefreshSchedule({
    registries,
    refreshAll: createRefreshAll({ registries, catalog: { refresh: watched } }),
    locks: world.store.locks,
    hours: options.hours ?? 6,
    log,
    now: () => clock.now,
    random: options.random ?? (() => 0.5),
    delay: async (ms, signal) => {
      waited.push(ms / 1000);
      await new Promise(setImmediate);
      if (clock.now - begun + ms / 1000 > options.until * HOUR) {
        ended();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      clock.now += Math.ceil(ms / 1000);
    },
  });
  onTestFinished(() => schedule.stop());
  return { schedule, end, waited, tries };
};

const addRefreshed = async (world: World, name: string) => {
  const { id, folder } = await world.addLocal(name);
  await writeRegistry(folder, []);
  await world.catalog.refresh(id);
  return { id, folder };
};

describe("the schedule", () => {
  test("refreshes every registry at its interval", async () => {
    const world = await openWorld();
    const { id } = await addRefreshed(world, "a");
    const { schedule, end, tries } = openSchedule(world, { until: 25 });
    schedule.start();
    await end;
    expect(tries.map((tried) => tried.id)).toEqual([id, id, id, id]);
    const { refreshed = 0 } = await world.registries.get(id);
    expect(world.clock.now - refreshed).toBeLessThan(6 * HOUR);
  });

  test("does nothing when it is disabled", async () => {
    const world = await openWorld();
    await addRefreshed(world, "a");
    const { schedule, waited } = openSchedule(world, { hours: 0, until: 100 });
    schedule.start();
    await schedule.stop();
    expect(waited).toEqual([]);
  });

  test("waits after a start, then refreshes what became due meanwhile", async () => {
    const world = await openWorld();
    const { id } = await addRefreshed(world, "overdue");
    world.clock.now += 50 * HOUR;
    await addRefreshed(world, "fresh");
    const { schedule, end, tries, waited } = openSchedule(world, { until: 2 });
    schedule.start();
    await end;
    expect(tries).toHaveLength(1);
    expect(tries[0]?.id).toBe(id);
    expect(tries[0]?.at).toBeGreaterThanOrEqual(60);
    expect(waited[0]).toBeGreaterThanOrEqual(60);
  });

  test("repeats nothing after a restart", async () => {
    const world = await openWorld();
    await addRefreshed(world, "a");
    for (let restarts = 0; restarts < 5; restarts++) {
      const { schedule, end, tries } = openSchedule(world, { until: 1 });
      schedule.start();
      await end;
      await schedule.stop();
      expect(tries).toEqual([]);
    }
  });

  test("retries a failing registry at its interval and refreshes the others", async () => {
    const world = await openWorld();
    const good = await addRefreshed(world, "good");
    const bad = await addRefreshed(world, "bad");
    await rm(path.join(bad.folder, "registry.json"));
    const { schedule, end, tries } = openSchedule(world, { until: 13 });
    schedule.start();
    await end;
    expect(tries.filter((tried) => tried.id === bad.id)).toHaveLength(2);
    expect(tries.filter((tried) => tried.id === good.id)).toHaveLength(2);
    expect(await world.registries.get(bad.id)).toMatchObject({ failure: { code: "SOURCE_FILE_MISSING" } });
  });

  test("spreads the refreshes of registries over time", async () => {
    const world = await openWorld();
    for (const name of ["a", "b", "c", "d"]) await addRefreshed(world, name);
    let n = 0;
    const random = () => [0.5, 0, 0.3, 0.6, 1][n++ % 5] ?? 0;
    const { schedule, end, tries } = openSchedule(world, { until: 7, random });
    schedule.start();
    await end;
    const times = tries.slice(0, 4).map(({ at }) => at / HOUR);
    expect(new Set(times).size).toBe(4);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(5.4);
    expect(Math.max(...times)).toBeLessThanOrEqual(6.7);
  });

  test("refreshes a due registry on one of several servers", async () => {
    const world = await openWorld();
    await addRefreshed(world, "a");
    await addRefreshed(world, "b");
    world.clock.now += 50 * HOUR;
    const servers = [1, 2, 3].map(() => openSchedule(world, { until: 2 }));
    for (const { schedule } of servers) schedule.start();
    await Promise.all(servers.map(({ end }) => end));
    expect(servers.flatMap(({ tries }) => tries)).toHaveLength(2);
  });

  test("takes over soon after the lock of a dead server has expired", async () => {
    const world = await openWorld();
    await addRefreshed(world, "a");
    world.clock.now += 50 * HOUR;
    const dead = await world.store.locks.tryAcquire("registries:due");
    const { schedule, tries, waited } = openSchedule(world, { until: 1e9 });
    schedule.start();
    await vi.waitFor(() => expect(waited.length).toBeGreaterThan(5));
    expect(tries).toEqual([]);
    expect(Math.max(...waited.slice(1))).toBeLessThanOrEqual(15);
    await dead?.release();
    await vi.waitFor(() => expect(tries.length).toBeGreaterThan(0));
  });

  test("aborts a fetch when the server stops and records no failure", async () => {
    const world = await openWorld();
    let asked = 0;
    const url = await httpServer(() => {
      asked++;
    });
    const { id } = await world.registries.create({ name: "hangs", provider: "cdn", url });
    world.clock.now += 7 * HOUR;
    const { schedule } = openSchedule(world, { until: 2 });
    schedule.start();
    await vi.waitFor(() => expect(asked).toBe(1));
    await schedule.stop();
    expect(await world.registries.get(id)).not.toHaveProperty("failure");
  });
});

describe("a refresh of all", () => {
  test("requests all hosts concurrently, with one conditional request for each unchanged index", async () => {
    const world = await openWorld();
    const body = JSON.stringify(fixtureIndex([]));
    let inFlight = 0;
    let most = 0;
    const conditional: boolean[] = [];
    const url = await httpServer((request, response) => {
      if (request.url?.endsWith("/registry.head")) return void response.writeHead(404).end();
      most = Math.max(most, ++inFlight);
      conditional.push(request.headers["if-none-match"] === '"1"');
      // Each waits until all are there, so that a refresh one after another would never end.
      const answer = () => {
        if (conditional.length % 20 !== 0) return void setImmediate(answer);
        inFlight--;
        if (conditional.length > 20) response.writeHead(304).end();
        else response.setHeader("etag", '"1"').end(body);
      };
      answer();
    });
    for (let n = 0; n < 20; n++) {
      await world.registries.create({ name: `${n}`, provider: "cdn", url: `${url}/${n}` });
    }
    const refreshAll = createRefreshAll(world);
    expect((await refreshAll()).every(({ changed }) => changed)).toBe(true);
    const again = await refreshAll();
    expect(again.every(({ changed, plugins }) => changed === false && plugins === 0)).toBe(true);
    expect(most).toBe(20);
    expect(conditional).toEqual(Array.from({ length: 40 }, (_, n) => n >= 20));
  });
});
