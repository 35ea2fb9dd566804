import { expect, test } from "vitest";
import { createDocuments } from "../../src/documents/documents.ts";
import { createFirstKey } from "../../src/keys/first-key.ts";
import type { KeyHolder } from "../../src/keys/keys.ts";
import { createSessions } from "../../src/sessions/sessions.ts";
import type { DocumentStore } from "../../src/store/types.ts";

const HOUR = 3600;
const owner: KeyHolder = { name: "api-key", scope: "manage" };

const createStore = (): DocumentStore => {
  const stored = new Map<string, { value: unknown; revision: number }>();
  return {
    get: async (name) => stored.get(name),
    set: async (name, value, expected) => {
      if ((stored.get(name)?.revision ?? 0) !== expected) return undefined;
      stored.set(name, { value, revision: expected + 1 });
      return expected + 1;
    },
  };
};

const open = () => {
  const clock = { now: 1_000_000 };
  const documents = createDocuments({ store: createStore(), ensureFresh: () => undefined });
  const keys = { sessionProof: async () => undefined, list: async () => [] };
  const sessions = createSessions({
    documents,
    keys,
    firstKey: createFirstKey("a key"),
    now: () => clock.now,
  });
  const begin = async () => (await sessions.begin(owner, "a browser")).cookie ?? "";
  return { clock, sessions, begin };
};

test("a session gets another secret after twelve hours, and the one before is taken for a minute more", async () => {
  const { clock, sessions, begin } = open();
  const first = await begin();
  expect((await sessions.renew(first))?.cookie).toBeUndefined();
  clock.now += 12 * HOUR;
  const second = (await sessions.renew(first))?.cookie ?? "";
  expect(second).toMatch(/^[0-9a-f]{16}\.[\w-]{43}$/);
  expect(second).not.toBe(first);
  expect(await sessions.find(first)).toMatchObject({ holder: owner });
  expect(await sessions.find(second)).toMatchObject({ holder: owner });
  // A request that was under way makes no third secret, which would end the second.
  expect((await sessions.renew(first))?.cookie).toBeUndefined();
  clock.now += 60;
  expect(await sessions.find(first)).toBeUndefined();
  expect(await sessions.find(second)).toMatchObject({ holder: owner });
});

test("of two requests that come at once after twelve hours, one gets the other secret", async () => {
  const { clock, sessions, begin } = open();
  const cookie = await begin();
  clock.now += 12 * HOUR;
  const renewed = await Promise.all([sessions.renew(cookie), sessions.renew(cookie)]);
  const cookies = renewed.flatMap((one) => one?.cookie ?? []);
  expect(cookies).toHaveLength(1);
  expect(await sessions.find(cookies[0] ?? "")).toMatchObject({ holder: owner });
});

test("a session ends after thirty days without a use, and not before while it is used", async () => {
  const { clock, sessions, begin } = open();
  let cookie = await begin();
  for (let day = 0; day < 40; day++) {
    clock.now += 24 * HOUR;
    cookie = (await sessions.renew(cookie))?.cookie ?? cookie;
  }
  expect(await sessions.find(cookie)).toMatchObject({ holder: owner });
  clock.now += 30 * 24 * HOUR;
  expect(await sessions.find(cookie)).toBeUndefined();
  expect(await sessions.list()).toEqual([]);
});

test("a code is refused after five minutes", async () => {
  const { clock, sessions } = open();
  const { code, expires } = await sessions.invite(owner);
  expect(expires).toBe(clock.now + 300);
  clock.now += 300;
  await expect(sessions.accept(code, "")).rejects.toMatchObject({ code: "INVITE_INVALID" });
});

test("the session that was used least lately makes room for the five hundred and first", async () => {
  const { clock, sessions, begin } = open();
  const first = await begin();
  clock.now += 1;
  const second = await begin();
  for (let count = 2; count < 501; count++) {
    clock.now += 1;
    await begin();
  }
  expect(await sessions.find(first)).toBeUndefined();
  expect(await sessions.find(second)).toMatchObject({ holder: owner });
});
