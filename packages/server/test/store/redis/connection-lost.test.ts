import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { runRedis } from "../../support/redis-process.ts";
import { sharedProgram } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { adminOf, create, DURABLE, healthOf, isWell, names } from "./served.ts";
import { clientOf } from "./world.ts";

/** With these settings, 80 keys take 24 s to load, unless the delay is removed. */
const SLOWLY = ["--key-load-delay", "300000", "--loading-process-events-interval-bytes", "1024"];

describe.skipIf(withoutRedis)("a server whose Redis", () => {
  const program = sharedProgram();

  test("closes connections repeatedly keeps each acknowledged change, and makes none twice", async () => {
    const redis = await runRedis(await tempFolder(), DURABLE);
    onTestFinished(() => redis.kill());
    const admin = await adminOf(redis);
    const server = await program.serve({ HITAGI_STORE: redis.address(2) });
    const [made, unsure]: [string[], string[]] = [[], []];
    for (let n = 0; n < 60; n++) {
      const killed = n % 3 === 0 ? admin.call("CLIENT", "KILL", "USER", "default") : undefined;
      await create(server.client, `r${n}`).then(
        () => made.push(`r${n}`),
        (e: { code?: string }) => {
          expect(e.code).toBe("STORE_UNREACHABLE");
          unsure.push(`r${n}`);
        },
      );
      await killed;
    }
    await isWell(server);
    const now = await names(server.client);
    expect(now).toEqual(expect.arrayContaining(made));
    expect(new Set(now).size).toBe(now.length);
    expect(now.filter((name) => !made.includes(name) && !unsure.includes(name))).toEqual([]);
    expect(server.ended()).toBe(false);
  });

  test("was restarted and is loading its data says so, and then works with all of it", async () => {
    const folder = await tempFolder();
    const before = await runRedis(folder);
    const another = clientOf(before, 0);
    const server = await program.serve({ HITAGI_STORE: before.address(2), HITAGI_STORE_TIMEOUT: "1" });
    await create(server.client, "before");
    for (let n = 0; n < 80; n++) await another.set(`another's ${n}`, randomBytes(1100));
    await another.save();
    await before.kill();
    const redis = await runRedis(folder, SLOWLY);
    onTestFinished(() => redis.kill());
    expect(await healthOf(server)).toMatchObject({
      http: 503,
      storeFault: { code: "STORE_UNREACHABLE", error: expect.stringContaining("reading its data from disk") },
    });
    await clientOf(redis, 0, { enableReadyCheck: false }).config("SET", "key-load-delay", "0");
    await isWell(server);
    expect(await names(server.client)).toEqual(["before"]);
    expect(server.ended()).toBe(false);
  });
});
