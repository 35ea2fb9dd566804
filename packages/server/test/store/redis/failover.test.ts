import { describe, expect, test } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { sharedProgram } from "../../support/serve-process.ts";
import { goThrough } from "./failover-world.ts";

describe.skipIf(withoutRedis)("a primary that sentinels watch", () => {
  const program = sharedProgram();

  test("is replaced without a restart when it dies, and no acknowledged change is lost", async () => {
    await goThrough(program, 500, ({ primary }) => primary.kill());
  });

  test("fails calls with clear errors when it is away for longer than the timeout", async () => {
    const short = { HITAGI_STORE_TIMEOUT: "1" };
    const { heard, faults } = await goThrough(program, 2500, ({ primary }) => primary.kill(), short);
    expect(heard).toContainEqual(expect.objectContaining({ code: "STORE_UNREACHABLE", status: 503 }));
    expect(faults).not.toEqual([]);
  });
});
