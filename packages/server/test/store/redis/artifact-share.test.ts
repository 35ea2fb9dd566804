import { describe, expect, onTestFinished, test } from "vitest";
import { createArtifactShare, createPendingArtifacts } from "../../../src/store/redis/artifact-share.ts";
import { connect } from "../../../src/store/redis/connection.ts";
import { shareContract } from "../../artifacts/shares/share-contract.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";

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

  const opened = async () => {
    const connection = await connect({ path: redis().socket, db: ++database }, 10_000);
    onTestFinished(() => connection.close());
    return { ...createArtifactShare(connection), unrecorded: createPendingArtifacts(connection), connection };
  };
  const [sha256, bytes] = ["ab".repeat(32), Buffer.from("bytes")];

  test("bytes are pending until they are recorded or removed, and recently noted ones stay", async () => {
    const { put, has, read, unrecorded } = await opened();
    await put(sha256, bytes, "{}");
    expect(await unrecorded.list(0)).toEqual([sha256]);
    expect(await unrecorded.list(60_000)).toEqual([]);
    expect(await unrecorded.isGarbage(sha256, 60_000)).toBe(false);
    expect(await unrecorded.drop(sha256, 60_000)).toBe(false);
    expect(await read(sha256)).toMatchObject({ bytes });
    expect(await unrecorded.isGarbage(sha256, 0)).toBe(true);
    expect(await unrecorded.drop(sha256, 0)).toBe(true);
    expect(await has(sha256)).toBe(false);
    expect(await unrecorded.list(0)).toEqual([]);
    // A second collector, after a long pause, finds that they are gone and puts nothing back.
    expect(await unrecorded.drop(sha256, 0)).toBe(true);
  });

  test("the note of recorded bytes is removed, and the bytes stay", async () => {
    const { put, has, unrecorded, connection } = await opened();
    await put(sha256, bytes, "{}");
    await connection.command("HSET", "LRR_PLUGIN_P", "installed_sha256", sha256);
    expect(await unrecorded.list(0)).toEqual([sha256]);
    expect(await unrecorded.drop(sha256, 0)).toBe(false);
    expect(await has(sha256)).toBe(true);
    expect(await unrecorded.list(0)).toEqual([]);
  });
});
