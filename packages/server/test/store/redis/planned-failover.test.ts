import { describe, test } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { sharedProgram } from "../../support/serve-process.ts";
import { goThrough } from "./failover-world.ts";

describe.skipIf(withoutRedis)("a primary that sentinels watch", () => {
  const program = sharedProgram();

  test("that is replaced on purpose, as docs/redis.md says, loses no acknowledged change", async () => {
    await goThrough(program, 500, async ({ admin, asked }) => {
      await admin.call("CLIENT", "PAUSE", "4000", "WRITE");
      await asked.call("SENTINEL", "FAILOVER", "main");
    });
  });
});
