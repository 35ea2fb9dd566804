import { describe, expect, test } from "vitest";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { hashOf, source, startNode } from "./redis-node.ts";

const DAY_MS = 24 * 3600_000;
const NOTES = "HITAGI:UNRECORDED";

describe.skipIf(withoutRedis)("bytes that a server left in Redis which died before it recorded them", () => {
  const redis = sharedRedis();

  const started = async (database: number) => {
    const node = await startNode(redis().address(database), await tempFolder());
    const client = clientOf(redis(), database);
    const leave = async (version: string, ageMs: number): Promise<string> => {
      const sha256 = hashOf("echo", version);
      await node.store.artifacts?.put(sha256, Buffer.from(source("echo", version)), "{}");
      await client.zadd(NOTES, Date.now() - ageMs, sha256);
      return sha256;
    };
    return { ...node, client, leave };
  };

  test("go with the next install, if they are old enough; those that a version has stay", async () => {
    const { sideload, leave, client, store, installer } = await started(1);
    await sideload("1.0.0");
    await sideload("1.1.0");
    expect(await client.zcard(NOTES)).toBe(0);
    const [recorded, abandoned, young] = [
      await leave("1.0.0", DAY_MS),
      await leave("3.0.0", DAY_MS),
      await leave("4.0.0", 1000),
    ];
    await sideload("2.0.0");
    const there = await Promise.all([recorded, abandoned, young].map((hash) => store.artifacts?.has(hash)));
    expect(there).toEqual([true, false, true]);
    expect(await client.zrange(NOTES, "0", "-1")).toEqual([young]);
    expect((await installer.rollback("echo", "1.0.0")).sha256).toBe(recorded);
  });

  test("are noted also where it died after it had forgotten a version", async () => {
    const { sideload, client, store } = await started(2);
    await sideload("1.0.0");
    const sha256 = hashOf("echo", "1.0.0");
    await store.plugins.forget("echo", sha256);
    expect(await client.zrange(NOTES, "0", "-1")).toEqual([sha256]);
    expect(await store.artifacts?.has(sha256)).toBe(true);
  });
});
