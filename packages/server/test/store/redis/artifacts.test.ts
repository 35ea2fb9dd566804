import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../../src/app/app.ts";
import { readConfig } from "../../../src/config/config.ts";
import { pluginText } from "../../http/plugin-sources.ts";
import { libraryOn } from "../../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf } from "./world.ts";

const source = (version: string): Buffer =>
  Buffer.from(pluginText("echo", version, "script", `async run() { return { version: "${version}" }; },`));

describe.skipIf(withoutRedis)("a machine that replaces another", () => {
  const redis = sharedRedis();

  /** A server on a data folder of its own. */
  const machine = async (db: number, data?: string) => {
    const folder = data ?? (await tempFolder());
    const store = redis().address(db);
    const settings = { data: folder, store, library: await libraryOn(store), warm: "0", log: "silent" };
    const app = await createApp(readConfig(settings, {}), pino({ level: "silent" }));
    onTestFinished(() => app.stop());
    await app.start();
    const use = async () => (await app.services.plugins.use({ namespace: "echo" })).data;
    return { ...app, folder, use, file: path.join(folder, "plugins/Sideloaded/echo.ts") };
  };

  const withTwoVersions = async (db: number): Promise<string> => {
    const first = await machine(db);
    await first.services.installer.sideload("echo.ts", source("1.0.0"), true);
    await first.services.installer.sideload("echo.ts", source("2.0.0"), true);
    await first.stop();
    return first.folder;
  };

  test("has every plugin before it answers, and the versions for a rollback", async () => {
    await withTwoVersions(1);
    const second = await machine(1);
    expect(await readFile(second.file)).toEqual(source("2.0.0"));
    expect(await second.use()).toEqual({ version: "2.0.0" });
    expect(await second.services.installer.verify()).toMatchObject([{ namespace: "echo", state: "ok" }]);
    await second.services.installer.rollback("echo");
    expect(await second.use()).toEqual({ version: "1.0.0" });
  });

  test("does not run bytes that differ from the record", async () => {
    await withTwoVersions(2);
    const client = clientOf(redis(), 2);
    const sha256 = await client.hget("LRR_PLUGIN_ECHO", "installed_sha256");
    await client.hset(`HITAGI:ARTIFACT:${sha256}`, "bytes", source("6.6.6"));
    const second = await machine(2);
    expect(existsSync(second.file)).toBe(false);
    await expect(second.use()).rejects.toThrow();
  });

  test("writes nothing outside of the plugins folder, even if a record has such a path", async () => {
    await withTwoVersions(3);
    const client = clientOf(redis(), 3);
    await client.hset("LRR_PLUGIN_ECHO", "installed_path", "LANraragi/Plugin/Sideloaded/../../../escaped.ts");
    const second = await machine(3);
    expect(existsSync(path.join(second.folder, "..", "escaped.ts"))).toBe(false);
    expect(existsSync(path.join(second.folder, "escaped.ts"))).toBe(false);
  });

  test("leaves an existing file as it is, and restores a missing one", async () => {
    const folder = await withTwoVersions(4);
    await rm(path.join(folder, "plugins/Sideloaded/echo.ts"));
    const again = await machine(4, folder);
    expect(await again.use()).toEqual({ version: "2.0.0" });
  });
});
