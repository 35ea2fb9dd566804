import { randomUUID } from "node:crypto";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test, vi } from "vitest";
import { createCooldown, createLocalRateLimiter } from "../../../src/plugins/use/cooldown.ts";
import type { RateLimiter } from "../../../src/store/types.ts";
import { opened } from "../../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";

/** The time, in milliseconds, before and after a request that got a slot: it got it in between. */
type Slot = readonly [before: number, after: number];

/** A rate limiter that notes the slots that it gives. */
const noting = (limiter: RateLimiter, slots: Slot[]): RateLimiter => ({
  take: async (...given) => {
    const before = performance.now();
    const turn = await limiter.take(...given);
    if (typeof turn === "object") slots.push([before, performance.now()]);
    return turn;
  },
});

/** Expects that each slot was given so many milliseconds after the one before, which holds on a busy machine too. */
const expectApart = (slots: readonly Slot[], ms: number): void => {
  for (const [n, [before]] of slots.slice(0, -1).entries()) {
    expect((slots[n + 1]?.[1] ?? 0) - before).toBeGreaterThanOrEqual(ms);
  }
};

/** The rules of every rate limiter, and of the cooldown that uses it. */
const contract = (openTurns: () => Promise<RateLimiter>): void => {
  const open = async () => createCooldown(await openTurns());

  test("a slot is free again after its interval, and other keys are independent", async () => {
    const turns = await openTurns();
    const first = await turns.take("a", 60_000);
    expect(first).toMatchObject({ giveBack: expect.any(Function) });
    const wait = await turns.take("a", 60_000);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60_000);
    expect(await turns.take("b", 100)).toBeTypeOf("object");
    await vi.waitFor(async () => expect(await turns.take("b", 100)).toBeTypeOf("object"));
  });

  test("one of many concurrent callers gets the slot, and releasing it frees it for the next", async () => {
    const turns = await openTurns();
    const answers = await Promise.all(Array.from({ length: 20 }, () => turns.take("a", 60_000)));
    const [taken, ...more] = answers.filter((answer) => typeof answer === "object");
    expect(more).toEqual([]);
    await taken?.giveBack();
    expect(await turns.take("a", 60_000)).toBeTypeOf("object");
    await taken?.giveBack();
    expect(await turns.take("a", 60_000)).toBeTypeOf("number");
  });

  test("calls of one plugin start a cooldown apart, in order of arrival", async () => {
    const slots: Slot[] = [];
    const cooldown = createCooldown(noting(await openTurns(), slots));
    const starts: number[] = [];
    await Promise.all(
      [0, 1, 2].map(async (n) => {
        await cooldown.wait("slow", 0.15, undefined);
        starts.push(n);
      }),
    );
    expect(starts).toEqual([0, 1, 2]);
    expect(slots).toHaveLength(3);
    expectApart(slots, 149);
  });

  test("the result says whether the caller waited; other plugins and those without a cooldown do not wait", async () => {
    const cooldown = await open();
    expect(await cooldown.wait("slow", 60, undefined)).toBe(false);
    expect(await cooldown.wait("other", 60, undefined)).toBe(false);
    expect(await cooldown.wait("other", 0, undefined)).toBe(false);
    const answers: (number | { giveBack: () => Promise<void> })[] = [5, 5, { giveBack: async () => {} }];
    const busy = createCooldown({ take: async () => answers.shift() ?? 60_000 });
    expect(await busy.wait("slow", 60, undefined)).toBe(true);
  });

  test("an aborted caller returns at once, even behind others, and uses no slot", async () => {
    const cooldown = await open();
    const abort = new AbortController();
    await cooldown.wait("slow", 0.3, undefined);
    const second = cooldown.wait("slow", 0.3, undefined);
    const givesUp = cooldown.wait("slow", 3600, abort.signal);
    const last = cooldown.wait("slow", 0.3, undefined);
    abort.abort(new Error("no more"));
    await expect(givesUp).rejects.toThrow("no more");
    await second;
    // With the slot of the one that gave up, it would wait for an hour.
    await last;
  });

  test("a caller that is already aborted uses no slot", async () => {
    const cooldown = await open();
    await expect(cooldown.wait("slow", 1, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    expect(await cooldown.wait("slow", 1, undefined)).toBe(false);
  });
};

describe("of one process", () => contract(async () => createLocalRateLimiter()));

describe.skipIf(withoutRedis)("of several servers on a Redis", () => {
  const server = sharedRedis();
  let db = 0;
  const turnsOn = async (database: number): Promise<RateLimiter> => {
    const { shared } = await opened(server(), database);
    if (!shared) throw new Error("This store cannot be shared");
    return shared.rateLimiter;
  };
  contract(() => turnsOn(++db));

  test("calls on all servers together start a cooldown apart", async () => {
    db++;
    const slots: Slot[] = [];
    const cooldowns = await Promise.all(
      [1, 2, 3].map(async () => createCooldown(noting(await turnsOn(db), slots))),
    );
    await Promise.all([...cooldowns, ...cooldowns].map((cooldown) => cooldown.wait("slow", 0.15, undefined)));
    expect(slots).toHaveLength(6);
    // Redis counts in whole milliseconds.
    expectApart(slots, 148);
  });

  test("a caller that aborts during the store's answer releases the slot", async () => {
    const turns = await turnsOn(++db);
    const key = randomUUID();
    const abort = new AbortController();
    const late: RateLimiter = {
      take: async (...given) => {
        const turn = await turns.take(...given);
        abort.abort(new Error("no more"));
        return turn;
      },
    };
    await expect(createCooldown(late).wait(toNamespace(key), 60, abort.signal)).rejects.toThrow("no more");
    await vi.waitFor(async () => expect(await turns.take(key, 60_000)).toBeTypeOf("object"));
  });
});
