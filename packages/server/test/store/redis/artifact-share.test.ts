import { describe, onTestFinished } from "vitest";
import { createArtifactShare } from "../../../src/store/redis/artifact-share.ts";
import { connect } from "../../../src/store/redis/connection.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { shareContract } from "../shares/share-contract.ts";

describe.skipIf(withoutRedis)("on a real server", () => {
  const redis = sharedRedis();
  let database = 0;

  shareContract("a Redis", async () => {
    const options = { path: redis().socket, db: ++database };
    return async () => {
      const connection = await connect(options, 10_000);
      onTestFinished(() => connection.close());
      return createArtifactShare(connection);
    };
  });
});
