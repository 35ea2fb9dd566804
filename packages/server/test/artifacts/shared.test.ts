import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { hashOf, source, startNode } from "../install/recovery/redis-node.ts";
import { clientOf } from "../store/redis/world.ts";
import { httpServer } from "../support/http-server.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { S3_KEY, s3Listener } from "../support/s3.ts";
import { tempFolder } from "../support/temp-folder.ts";

const sha256 = hashOf("echo", "1.0.0");

/** A bucket on a server that can drop connections, and the settings to use it. */
const bucket = async () => {
  const serve = await s3Listener("plugins");
  let away = false;
  const s3Endpoint = await httpServer((request, response) =>
    away ? void request.socket.destroy() : serve(request, response),
  );
  const settings = {
    artifacts: "s3://plugins/hitagi",
    s3Endpoint,
    s3KeyId: S3_KEY.keyId,
    s3Secret: S3_KEY.secret,
  };
  return {
    settings,
    hangUp: () => {
      away = true;
    },
    comeBack: () => {
      away = false;
    },
  };
};

const folder = async () => ({ settings: { artifacts: await tempFolder() } });

describe.skipIf(withoutRedis)("servers with a share outside Redis", () => {
  const redis = sharedRedis();
  let database = 0;

  /** A separate database, and a function that lists the artifacts in it. */
  const onRedis = () => {
    const db = ++database;
    const inRedis = () => clientOf(redis(), db).keys("HITAGI:ARTIFACT:*");
    return { store: redis().address(db), inRedis };
  };

  test.each([
    ["a folder", folder],
    ["a bucket", bucket],
  ])("%s: another machine has every version from there, and Redis none", async (_, place) => {
    const { store, inRedis } = onRedis();
    const { settings } = await place();
    const first = await startNode(store, await tempFolder(), settings);
    await first.sideload("1.0.0");
    await first.sideload("2.0.0");
    await first.stop();
    expect(await inRedis()).toEqual([]);
    const second = await startNode(store, await tempFolder(), settings);
    expect(await second.files()).toEqual({ "Sideloaded/echo.ts": "ok" });
    await second.installer.rollback("echo");
    expect(await second.use()).toEqual({ version: "1.0.0" });
  });

  test.each([
    ["Redis", "a folder", async () => ({ settings: {} }), folder],
    ["Redis", "a bucket", async () => ({ settings: {} }), bucket],
    ["a folder", "Redis", folder, async () => ({ settings: {} })],
    ["a bucket", "a folder", bucket, folder],
  ])("from %s to %s artifacts move when a server starts with the new share", async (_from, _to, from, to) => {
    const { store } = onRedis();
    const [old, now] = [(await from()).settings, (await to()).settings];
    const data = await tempFolder();
    const first = await startNode(store, data, old);
    await first.sideload("1.0.0");
    await first.sideload("2.0.0");
    await first.stop();
    const moved = await startNode(store, data, now);
    await vi.waitFor(() =>
      expect(moved.lines).toContainEqual(
        expect.objectContaining({
          versions: 2,
          msg: expect.stringContaining("shared the artifacts that only"),
        }),
      ),
    );
    await moved.stop();
    const other = await startNode(store, await tempFolder(), now);
    await other.installer.rollback("echo");
    expect(await other.use()).toEqual({ version: "1.0.0" });
  });

  test("a machine without artifacts fills a new share from Redis", async () => {
    const { store } = onRedis();
    const first = await startNode(store, await tempFolder());
    await first.sideload("1.0.0");
    await first.stop();
    const { settings } = await folder();
    const second = await startNode(store, await tempFolder(), settings);
    expect(await second.use()).toEqual({ version: "1.0.0" });
    await vi.waitFor(async () => expect(await readdir(settings.artifacts)).toContain(sha256));
  });

  test("a damaged shared artifact is logged, and does not run", async () => {
    const { store } = onRedis();
    const { settings } = await folder();
    const first = await startNode(store, await tempFolder(), settings);
    await first.sideload("1.0.0");
    await first.stop();
    await writeFile(path.join(settings.artifacts, sha256), source("echo", "6.6.6"));
    const second = await startNode(store, await tempFolder(), settings);
    await expect(second.use()).rejects.toThrow();
    expect(await second.files()).toEqual({ "Sideloaded/echo.ts": "missing" });
    expect(second.lines).toContainEqual(
      expect.objectContaining({ sha256, msg: expect.stringContaining("damaged") }),
    );
    expect((await second.plugins.record("echo")).health).toMatchObject({ state: "missing" });
  });

  test("an unreachable bucket fails installs, not running plugins, and is used again when it is back", async () => {
    const { store } = onRedis();
    const place = await bucket();
    const data = await tempFolder();
    const server = await startNode(store, data, place.settings);
    await server.sideload("1.0.0");
    place.hangUp();
    await expect(server.sideload("2.0.0")).rejects.toMatchObject({ code: "ARTIFACTS_UNREACHABLE" });
    expect(await server.use()).toEqual({ version: "1.0.0" });
    expect(await server.files()).toEqual({ "Sideloaded/echo.ts": "ok" });
    expect(await server.services.share?.fault()).toMatchObject({ code: "ARTIFACTS_UNREACHABLE" });
    await server.stop();

    const again = await startNode(store, data, place.settings);
    expect(await again.use()).toEqual({ version: "1.0.0" });
    await again.stop();
    const bare = await startNode(store, await tempFolder(), place.settings);
    expect((await bare.plugins.record("echo")).health).toMatchObject({
      state: "missing",
      reason: expect.stringContaining("could not be reached"),
    });
    place.comeBack();
    expect(await bare.services.share?.fault()).toBeUndefined();
    await bare.sideload("2.0.0");
    expect(await bare.use()).toEqual({ version: "2.0.0" });
    await bare.stop();
    const healed = await startNode(store, data, place.settings);
    expect(await healed.use()).toEqual({ version: "2.0.0" });
  });

  test("a misconfigured bucket stops the start, and the doctor reports it", async () => {
    const { store } = onRedis();
    const { settings } = await bucket();
    const wrong = { ...settings, s3Secret: "not-the-secret" };
    const given = { data: await tempFolder(), store, warm: "0", ...wrong };
    const app = await createApp(readConfig(given, {}), pino({ level: "silent" }));
    onTestFinished(() => app.stop());
    await expect(app.start()).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE" });
    await app.stop();

    const doctor = async (secret: string) => {
      const env = {
        HITAGI_DATA: await tempFolder(),
        HITAGI_STORE: store,
        HITAGI_SERVER: "http://127.0.0.1:9",
        HITAGI_PORT: "0",
        HITAGI_ARTIFACTS: settings.artifacts,
        AWS_ENDPOINT_URL_S3: settings.s3Endpoint,
        AWS_ACCESS_KEY_ID: settings.s3KeyId,
        AWS_SECRET_ACCESS_KEY: secret,
        PATH: process.env.PATH ?? "",
      };
      const ran = await runCaptured(["doctor", "--json"], { env });
      expect(ran.out + ran.err).not.toContain("not-the-secret");
      return (ran.json as { check: string }[]).filter(({ check }) => check === "artifacts");
    };
    expect(await doctor("not-the-secret")).toMatchObject([
      { state: "wrong", text: expect.stringContaining("HITAGI_S3_SECRET") },
    ]);
    expect(await doctor(settings.s3Secret)).toMatchObject([{ state: "ok" }]);
  });

  test("the health check reports an unreachable bucket as degraded, with status 200", async () => {
    const { store } = onRedis();
    const place = await bucket();
    const given = { data: await tempFolder(), store, warm: "0", port: "0", ...place.settings };
    const server = await startServer(readConfig(given, {}), pino({ level: "silent" }));
    onTestFinished(() => server.stop());
    const health = async () => {
      const answer = await fetch(`${server.address}/healthz`);
      const text = await answer.text();
      expect(text).not.toContain(place.settings.s3Endpoint);
      return { code: answer.status, ...JSON.parse(text) };
    };
    expect(await health()).toMatchObject({ code: 200, artifacts: "ok" });
    place.hangUp();
    const upload = server.services.installer.sideload("echo.ts", Buffer.from(source("echo", "1.0.0")), true);
    await expect(upload).rejects.toMatchObject({ code: "ARTIFACTS_UNREACHABLE" });
    expect(await health()).toMatchObject({
      code: 200,
      status: "degraded",
      artifacts: "failed",
      artifactsFault: { code: "ARTIFACTS_UNREACHABLE", hint: expect.stringContaining("HITAGI_ARTIFACTS") },
    });
    place.comeBack();
    expect(await health()).toMatchObject({ code: 200, artifacts: "ok" });
  });

  test("an emptied share is filled again with the kept versions", async () => {
    const { store } = onRedis();
    const { settings } = await folder();
    const data = await tempFolder();
    const server = await startNode(store, data, settings);
    for (let i = 1; i <= 7; i++) await server.sideload(`${i}.0.0`);
    const there = [3, 4, 5, 6, 7].map((major) => hashOf("echo", `${major}.0.0`));
    expect(await readdir(settings.artifacts)).toEqual(expect.arrayContaining(there));
    await server.stop();
    for (const name of await readdir(settings.artifacts)) await rm(path.join(settings.artifacts, name));
    const again = await startNode(store, data, settings);
    await vi.waitFor(async () => {
      const found = (await readdir(settings.artifacts)).filter((name) => !name.includes("."));
      expect(found.sort()).toEqual(there.sort());
    });
    await again.stop();
    const bytes = await readFile(path.join(settings.artifacts, hashOf("echo", "7.0.0")), "utf8");
    expect(bytes).toBe(source("echo", "7.0.0"));
  });
});
