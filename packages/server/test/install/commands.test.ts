import { describe, expect, test } from "vitest";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { startNode } from "./recovery/redis-node.ts";

describe.skipIf(withoutRedis)("the Redis commands of an upgrade", () => {
  const redis = sharedRedis();

  /**
   * Counts the commands of an upgrade that prunes a version, with this number of other plugins: the least of three, because the
   * server sends others on its own. Includes the commands of scripts.
   */
  const commandsBeside = async (plugins: number, database: number): Promise<number> => {
    const client = clientOf(redis(), database);
    const batch = client.pipeline();
    for (let n = 0; n < plugins; n++) {
      const version = { version: "1.0.0", sha256: String(n).padStart(64, "0"), registry: null, installed: 1 };
      const kept = { ...version, path: `Sideloaded/${n}.ts`, type: "script", granted: {} };
      batch.hset(`LRR_PLUGIN_OTHER-${n}`, "type", "script");
      batch.hset(`HITAGI:VERSIONS:OTHER-${n}`, version.sha256, `${n} ${JSON.stringify(kept)}`);
    }
    await batch.exec();
    const { sideload, stop } = await startNode(redis().address(database), await tempFolder());
    for (let major = 1; major <= 5; major++) await sideload(`${major}.0.0`);
    const processed = async () =>
      Number(/total_commands_processed:(\d+)/.exec(await client.info("stats"))?.[1]);
    const counts: number[] = [];
    for (let major = 6; major <= 8; major++) {
      const before = await processed();
      await sideload(`${major}.0.0`);
      counts.push((await processed()) - before);
    }
    await stop();
    return Math.min(...counts);
  };

  test("do not grow in number with the installed plugins", async () => {
    const [alone, among] = [await commandsBeside(0, 1), await commandsBeside(300, 2)];
    expect(alone).toBeGreaterThan(20);
    expect(Math.abs(among - alone)).toBeLessThan(60);
  });
});
