import { SERVER_ACTOR } from "@hitagi/contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../src/store/redis/connection.ts";
import { createJobClaims, createJobStore } from "../../src/store/redis/jobs.ts";
import { mortalWay } from "../store/redis/mortal-way.ts";
import { clientOf } from "../store/redis/world.ts";
import { gate } from "../support/gate.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { runRedis } from "../support/redis-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { aborted, ended, type JobParts, jobsOn } from "./job-runner.ts";

const wanted = { task: "t", args: [], actor: SERVER_ACTOR, notes: {} };
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe.skipIf(withoutRedis)("several workers on one store", () => {
  const redis = sharedRedis();
  let databases = 0;

  const node = async (
    options: Parameters<typeof connect>[0],
    timeoutMs = 5000,
  ): Promise<Required<JobParts>> => {
    const connection = await vi.waitFor(() => connect(options, timeoutMs));
    onTestFinished(() => connection.close());
    return { jobs: createJobStore(connection), shared: { claims: createJobClaims(connection) } };
  };
  /** The jobs and claims of two nodes on one Redis. */
  const nodes = async (): Promise<[Required<JobParts>, Required<JobParts>]> => {
    const place = { path: redis().socket, db: databases++ };
    return [await node(place), await node(place)];
  };
  const claimsOf = ({ shared }: Required<JobParts>) => shared.claims;

  test("each job runs once, on either worker", async () => {
    const stores = await nodes();
    const ran: number[] = [];
    const workers = stores.map((store) => jobsOn(store, { concurrency: 3 }));
    const took = workers.map((jobs) => {
      const mine: number[] = [];
      jobs.define({
        name: "t",
        repeatable: true,
        run: async ({ id }) => {
          mine.push(id);
          ran.push(id);
          await new Promise(setImmediate);
        },
      });
      return mine;
    });
    const [one, two] = workers;
    if (!one || !two) throw new Error("there are two");
    const ids = await Promise.all(upTo(60).map((n) => (n % 2 ? one : two).enqueue("t", [])));
    await Promise.all([one.start(), two.start()]);
    for (const id of ids) expect(await ended(one, id)).toMatchObject({ state: "finished", attempts: 1 });
    expect([...ran].sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
    expect(took.every((mine) => mine.length > 0)).toBe(true);
  });

  test("jobs are claimed by priority, then oldest first, and only once", async () => {
    const [one, two] = await nodes();
    for (const priority of [0, 5, 0, -3, 5]) await one.jobs.create({ ...wanted, priority }, 1);
    const order: number[] = [];
    for (const store of [one, two, one, two, one]) {
      order.push((await claimsOf(store).next(5000))?.job.id ?? 0);
    }
    expect(order).toEqual([2, 5, 1, 3, 4]);
    expect(await claimsOf(two).next(5000)).toBeUndefined();
  });

  test("an expired claim passes to another worker, and later writes of the first are refused", async () => {
    const [one, two] = await nodes();
    const { id } = await one.jobs.create({ ...wanted, priority: 0 }, 1);
    const first = await claimsOf(one).next(100);
    await one.jobs.update(id, { state: "active", started: 1 }, first?.claim);
    const second = await vi.waitFor(async () => {
      const claimed = await claimsOf(two).next(5000);
      if (!claimed) throw new Error("the first still has it");
      return claimed;
    });
    expect(second.job).toMatchObject({ id, state: "active" });
    expect(Number(second.claim)).toBeGreaterThan(Number(first?.claim));
    const late = { state: "finished", result: "late", finished: 2 } as const;
    expect(await one.jobs.update(id, late, first?.claim)).toBeUndefined();
    expect(await claimsOf(one).renew(new Map([[id, first?.claim ?? ""]]), 5000)).toEqual([id]);
    expect(await two.jobs.update(id, { ...late, result: "true" }, second.claim)).toMatchObject({
      result: "true",
    });
    expect(await two.jobs.get(id)).toMatchObject({ state: "finished", result: "true" });
    expect(await claimsOf(two).renew(new Map([[id, second.claim]]), 5000)).toEqual([id]);
    expect(await claimsOf(two).next(5000)).toBeUndefined();
  });

  test("a claim is renewed for as long as its job runs", async () => {
    const [one, two] = await nodes();
    const runs: number[] = [];
    const { open, opened } = gate();
    const renew = vi.fn(one.shared.claims.renew);
    const renewing = { ...one, shared: { claims: { ...one.shared.claims, renew } } };
    const [a, b] = [jobsOn(renewing, { claimMs: 3000 }), jobsOn(two)];
    for (const jobs of [a, b]) {
      jobs.define({
        name: "t",
        repeatable: true,
        run: async ({ id }) => {
          runs.push(id);
          await opened;
        },
      });
    }
    const id = await a.enqueue("t", []);
    await a.start();
    await vi.waitFor(() => expect(runs).toEqual([id]));
    await b.start();
    // A claim is renewed three times in its life.
    await vi.waitFor(() => expect(renew.mock.calls.length).toBeGreaterThan(4));
    open();
    expect(await ended(b, id)).toMatchObject({ state: "finished", retries: 0 });
    expect(runs).toEqual([id]);
  });

  test("any worker can cancel a job that runs on another", async () => {
    const [one, two] = await nodes();
    const [a, b] = [jobsOn(one, { claimMs: 1500 }), jobsOn(two)];
    let reason: unknown;
    a.define({
      name: "t",
      repeatable: true,
      run: ({ signal }) => {
        signal.addEventListener("abort", () => (reason = signal.reason));
        return aborted(signal);
      },
    });
    await a.start();
    const id = await a.enqueue("t", []);
    await vi.waitFor(async () => expect((await b.get(id)).state).toBe("active"));
    expect(await b.cancel(id)).toBe(true);
    expect(await ended(a, id)).toMatchObject({ state: "failed", result: { code: "JOB_CANCELLED" } });
    await vi.waitFor(() => expect(reason).toMatchObject({ code: "JOB_CANCELLED" }));
  });

  test("a worker that cannot renew its claim ends the job before another worker starts it", async () => {
    const way = await mortalWay(redis().socket);
    const { port } = new URL(way.address);
    const db = databases++;
    const one = await node({ host: "127.0.0.1", port: Number(port), db }, 1500);
    const two = await node({ path: redis().socket, db });
    const [a, b] = [jobsOn(one, { claimMs: 1000 }), jobsOn(two, { claimMs: 1000 })];
    const log: string[] = [];
    a.define({
      name: "t",
      repeatable: true,
      run: ({ signal }) => aborted(signal).finally(() => void log.push("a ended")),
    });
    b.define({ name: "t", repeatable: true, run: async () => void log.push("b began") });
    await a.start();
    const id = await a.enqueue("t", []);
    await vi.waitFor(async () => expect((await b.get(id)).state).toBe("active"));
    await b.start();
    way.die();
    expect(await ended(b, id)).toMatchObject({ state: "finished", retries: 1 });
    expect(log).toEqual(["a ended", "b began"]);
  });

  /** A worker with a job that ignores its signal, whose claim expired and was given to the same worker again. */
  const givenAgain = async () => {
    const [one] = await nodes();
    const jobs = jobsOn(one, { concurrency: 3 });
    const { open, opened } = gate();
    onTestFinished(open);
    let running = 0;
    const most: number[] = [];
    jobs.define({
      name: "deaf",
      repeatable: true,
      run: async () => {
        most.push(++running);
        await opened;
        running--;
      },
    });
    await jobs.start();
    const id = await jobs.enqueue("deaf", []);
    await vi.waitFor(() => expect(most).toEqual([1]));
    const client = clientOf(redis(), databases - 1);
    await client.zadd("HITAGI:JOBS:CLAIMED", 0, id);
    await vi.waitFor(async () => expect(await client.hget("HITAGI:COUNTS", "claim")).toBe("2"));
    return { jobs, id, open, most };
  };

  test("a job that its worker loses and claims again does not run there twice concurrently", async () => {
    const { jobs, id, open, most } = await givenAgain();
    open();
    expect(await ended(jobs, id)).toMatchObject({ state: "finished", retries: 1 });
    expect(most).toEqual([1, 1]);
  });

  test("a job claimed again does not run if it is cancelled first", async () => {
    const { jobs, id, open, most } = await givenAgain();
    expect(await jobs.cancel(id)).toBe(true);
    open();
    expect(await ended(jobs, id)).toMatchObject({ state: "failed", result: { code: "JOB_CANCELLED" } });
    expect(most).toEqual([1]);
  });

  test("a job that succeeds during a short outage of Redis is finished", async () => {
    const way = await mortalWay(redis().socket);
    const [port, db] = [Number(new URL(way.address).port), databases++];
    const jobs = jobsOn(await node({ host: "127.0.0.1", port, db }, 1000));
    const elsewhere = jobsOn(await node({ path: redis().socket, db }));
    const run = async () => {
      way.die();
      return "done";
    };
    jobs.define({ name: "t", repeatable: true, run });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    expect(await ended(elsewhere, id)).toMatchObject({ state: "finished", result: "done", retries: 0 });
  });

  test("a worker stops during an outage of Redis even if its job does not end", async () => {
    const own = await runRedis(await tempFolder());
    onTestFinished(() => own.kill());
    const jobs = jobsOn(await node({ path: own.socket }, 1000));
    const { open, opened } = gate();
    onTestFinished(open);
    jobs.define({ name: "deaf", repeatable: true, run: () => opened });
    await jobs.start();
    const id = await jobs.enqueue("deaf", []);
    await vi.waitFor(async () => expect((await jobs.get(id)).state).toBe("active"));
    await own.kill();
    await jobs.stop(0);
  });
});
