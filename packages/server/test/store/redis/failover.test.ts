import { describe, expect, test } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { sharedProgram } from "../../support/serve-process.ts";
import { goThrough } from "./failover-world.ts";

describe.skipIf(withoutRedis)("under a sentinel's eyes, a primary", () => {
  const program = sharedProgram();

  test("that dies is replaced without a restart, and nothing acknowledged is lost", async () => {
    await goThrough(program, 500, ({ primary }) => primary.kill());
  }, 60_000);

  test("that is away for longer than is waited has calls refused, by clear errors", async () => {
    const { heard, faults } = await goThrough(program, 6000, ({ primary }) => primary.kill());
    expect(heard).toContainEqual(expect.objectContaining({ code: "STORE_UNREACHABLE", status: 503 }));
    expect(faults).not.toEqual([]);
  }, 60_000);
});
