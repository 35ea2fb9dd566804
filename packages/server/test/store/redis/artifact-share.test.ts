import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createArtifactShare, createUnrecorded } from "../../../src/store/redis/artifact-share.ts";
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

  const opened = async () => {
    const connection = await connect({ path: redis().socket, db: ++database }, 10_000);
    onTestFinished(() => connection.close());
    return { ...createArtifactShare(connection), unrecorded: createUnrecorded(connection) };
  };
  const [sha256, bytes] = ["ab".repeat(32), Buffer.from("bytes")];

  test("what was put is noted until it is settled, and put again it stays as it is", async () => {
    const { put, has, unrecorded } = await opened();
    await put(sha256, bytes, "{}");
    expect(await unrecorded.list(0)).toEqual([sha256]);
    expect(await unrecorded.list(60_000)).toEqual([]);
    await unrecorded.settle(sha256);
    await put(sha256, bytes, "{}");
    expect(await unrecorded.list(0)).toEqual([]);
    await unrecorded.drop(sha256, 0);
    expect(await has(sha256)).toBe(true);
  });

  test("what nobody records is dropped with its note, unless somebody asked for it meanwhile", async () => {
    const { put, has, read, remove, unrecorded } = await opened();
    await put(sha256, bytes, "{}");
    await vi.waitFor(async () => expect(await unrecorded.list(50)).toEqual([sha256]));
    expect(await has(sha256)).toBe(true);
    await unrecorded.drop(sha256, 50);
    expect(await read(sha256)).toMatchObject({ bytes });
    await unrecorded.drop(sha256, 0);
    expect(await has(sha256)).toBe(false);
    expect(await unrecorded.list(0)).toEqual([]);

    await put(sha256, bytes, "{}");
    await remove(sha256);
    expect(await unrecorded.list(0)).toEqual([]);
  });
});
