import path from "node:path";
import { pino } from "pino";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { composeArtifacts } from "../../src/app/compose-artifacts.ts";
import { collectGarbage, createGarbageCollector } from "../../src/artifacts/garbage.ts";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { openShare } from "../../src/artifacts/shares/shares.ts";
import { readConfig } from "../../src/config/config.ts";
import type { ArtifactShare } from "../../src/store/types.ts";
import { hashOf, source, startNode } from "../install/recovery/redis-node.ts";
import { clientOf } from "../store/redis/world.ts";
import { httpServer } from "../support/http-server.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { S3_KEY, s3Listener } from "../support/s3.ts";
import { tempFolder } from "../support/temp-folder.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const NOTES = "HITAGI:UNRECORDED";
const log = pino({ level: "silent" });

const bucket = async () => ({
  artifacts: "s3://plugins/hitagi",
  s3Endpoint: await httpServer(await s3Listener("plugins")),
  s3KeyId: S3_KEY.keyId,
  s3Secret: S3_KEY.secret,
});
type Settings = Record<string, string>;
const places: [string, () => Promise<Settings>][] = [
  ["Redis", async () => ({})],
  ["a folder", async () => ({ artifacts: await tempFolder() })],
  ["a bucket", bucket],
];

/** The share of these settings. */
const shareOf = (store: string, settings: Settings): ArtifactShare | undefined => {
  const share = openShare(readConfig({ store, ...settings }, {}), {});
  onTestFinished(() => share?.close());
  return share;
};

describe.skipIf(withoutRedis)("shared artifacts without a reference", () => {
  const redis = sharedRedis();
  let database = 0;
  beforeEach(() => void database++);

  const started = async (settings: Settings) => {
    const address = redis().address(database);
    const node = await startNode(address, await tempFolder(), settings);
    const client = clientOf(redis(), database);
    const elsewhere = shareOf(address, settings);
    const { shared } = node.store;
    if (!shared) throw new Error("This store cannot be shared");
    const share = elsewhere ?? shared.artifacts;
    const pending = shared.pendingArtifacts;
    const age = (ageMs: number, ...hashes: string[]) =>
      Promise.all(hashes.map((sha256) => client.zadd(NOTES, Date.now() - ageMs, sha256)));
    /** An install whose server is killed before the record is made. */
    const leave = async (version: string, ageMs: number) => {
      const local = createLocalArtifacts(path.join(await tempFolder(), "artifacts"));
      const { artifacts } = composeArtifacts(local, node.store, elsewhere, log);
      const bytes = Buffer.from(source("echo", version));
      const manifest = {
        namespace: "echo" as const,
        type: "script" as const,
        name: "e",
        version,
        author: "a",
        description: "d",
      };
      const sha256 = await artifacts.put(bytes, manifest);
      await age(ageMs, sha256);
      return { artifacts, sha256 };
    };
    const has = (...versions: string[]) =>
      Promise.all(versions.map((version) => share.has(hashOf("echo", version))));
    const deps = { pending, share: elsewhere, log };
    return { ...node, address, client, share, deps, age, leave, has };
  };

  describe.each(places)("in %s", (name, place) => {
    test("are removed an hour after an install was killed; recorded and recent ones stay", async () => {
      const { sideload, leave, has, client, deps, installer } = await started(await place());
      await sideload("1.0.0");
      await sideload("1.1.0");
      expect(await client.zcard(NOTES)).toBe(0);
      await leave("1.0.0", DAY_MS);
      await leave("3.0.0", DAY_MS);
      const { sha256: young } = await leave("4.0.0", HOUR_MS / 2);
      expect(await collectGarbage(deps, HOUR_MS)).toBe(1);
      expect(await has("1.0.0", "1.1.0", "3.0.0", "4.0.0")).toEqual([true, true, false, true]);
      expect(await client.zrange(NOTES, "0", "-1")).toEqual([young]);
      await installer.rollback("echo", "1.0.0");
    });

    test("stay if another server reserved them", async () => {
      const { leave, has, deps } = await started(await place());
      const { artifacts, sha256 } = await leave("3.0.0", DAY_MS);
      expect(await artifacts.reserve(sha256)).toBe(true);
      expect(await collectGarbage(deps, HOUR_MS)).toBe(0);
      expect(await has("3.0.0")).toEqual([true]);
    });

    test("stay if a record of LANraragi refers to them", async () => {
      const { leave, has, client, deps } = await started(await place());
      const { sha256 } = await leave("2.0.0", DAY_MS);
      await client.hset("LRR_PLUGIN_ECHO", "installed_sha256", sha256);
      expect(await collectGarbage(deps, HOUR_MS)).toBe(0);
      expect(await has("2.0.0")).toEqual([true]);
      expect(await client.zcard(NOTES)).toBe(0);
    });

    test("are removed after a version was pruned, unless it was installed again", async () => {
      const { sideload, has, age, client, deps } = await started(await place());
      for (let i = 1; i <= 6; i++) await sideload(`${i}.0.0`);
      expect(await has("1.0.0", "2.0.0")).toEqual([name !== "Redis", true]);
      await age(DAY_MS, hashOf("echo", "1.0.0"));
      await sideload("1.0.0");
      expect(await collectGarbage(deps, HOUR_MS)).toBe(0);
      expect(await has("1.0.0")).toEqual([true]);
      await age(DAY_MS, hashOf("echo", "2.0.0"));
      await collectGarbage(deps, HOUR_MS);
      expect(await has("2.0.0", "3.0.0")).toEqual([false, true]);
      expect(await client.zcard(NOTES)).toBe(0);
    });

    test("are removed by one server for all, on schedule and at its start", async () => {
      const settings = await place();
      const { leave, has, client, deps, address, store } = await started(settings);
      if (!store.shared) throw new Error("This store cannot be shared");
      const { rateLimiter } = store.shared;
      await leave("3.0.0", DAY_MS);
      const other = createGarbageCollector({ ...deps, rateLimiter, log });
      onTestFinished(() => other.stop());
      other.start();
      await other.stop();
      expect(await has("3.0.0")).toEqual([true]);
      await client.del("HITAGI:TURN:sweep:bytes");
      await startNode(address, await tempFolder(), settings);
      await vi.waitFor(async () => expect(await has("3.0.0")).toEqual([false]));
    });
  });

  describe.each(places.slice(1))(
    "in %s, with a server that is suspended between check and removal",
    (_, place) => {
      test("are restored if another server installs them meanwhile", async () => {
        const settings = await place();
        const first = await started(settings);
        const { sideload, age, deps, share, address, has } = first;
        for (let i = 1; i <= 6; i++) await sideload(`${i}.0.0`);
        await age(DAY_MS, hashOf("echo", "1.0.0"));
        const suspended: ArtifactShare = {
          ...share,
          remove: async (sha256) => {
            await sideload("1.0.0");
            await share.remove(sha256);
          },
        };
        expect(await collectGarbage({ ...deps, share: suspended }, HOUR_MS)).toBe(0);
        expect(await has("1.0.0")).toEqual([true]);
        await first.stop();
        const bare = await startNode(address, await tempFolder(), settings);
        expect(await bare.use()).toEqual({ version: "1.0.0" });
      });

      test("are not restored if another server removed them meanwhile", async () => {
        const { leave, deps, share, has } = await started(await place());
        await leave("3.0.0", DAY_MS);
        const suspended: ArtifactShare = {
          ...share,
          remove: async (sha256) => {
            expect(await collectGarbage(deps, HOUR_MS)).toBe(1);
            await share.remove(sha256);
          },
        };
        await collectGarbage({ ...deps, share: suspended }, HOUR_MS);
        expect(await has("3.0.0")).toEqual([false]);
      });
    },
  );
});
