import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { clientOf } from "../store/redis/world.ts";
import { libraryOn } from "../support/one-library.ts";
import { withoutRedis } from "../support/redis.ts";
import { runRedis } from "../support/redis-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe.skipIf(withoutRedis)("doctor on servers that share a Redis", () => {
  const serve = async (store: string, artifacts = "") => {
    const data = await tempFolder();
    const library = await libraryOn(store);
    const settings = { data, store, library, artifacts, port: "0", warm: "0", log: "silent" };
    const { address, stop } = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
    onTestFinished(stop);
    return { data, address, stop };
  };
  const doctor = async ({ data, address }: { data: string; address: string }) => {
    const env = { HITAGI_DATA: data, HITAGI_SERVER: address, PATH: process.env.PATH ?? "" };
    const ran = await runCaptured(["doctor", "--json"], { env });
    const findings: Finding[] = ran.json;
    return { ...ran, of: (check: string) => findings.filter((finding) => finding.check === check) };
  };

  test("lists them, and reports faults of the store but not of the key", async () => {
    const redis = await runRedis(await tempFolder());
    onTestFinished(() => redis.kill());
    const [one, two] = [await serve(redis.address(2)), await serve(redis.address(2))];
    const well = await doctor(one);
    expect(well.code, well.err).toBe(0);
    expect(well.of("nodes")).toMatchObject([{ state: "ok", text: expect.stringMatching(/^2 servers/) }]);
    expect(well.of("nodes")[0]?.text).toContain(two.address);
    const listed = await runCaptured(["nodes", "--server", one.address, "--data", one.data]);
    expect(listed.out.split("\n")[0]).toMatch(/^HOST +ADDRESS +VERSION +CLOCK +STARTED +HEARD OF +CURRENT$/);
    expect(listed.out).toContain(two.address);

    const client = clientOf(redis, 2);
    const stray = await serve(redis.address(2), await tempFolder());
    const source = pluginText("mine", "1.0.0", "script", 'run: () => "ran",');
    const file = path.join(stray.data, "mine.ts");
    await writeFile(file, source);
    const sideloaded = await runCaptured(["sideload", file, "--server", stray.address, "--data", stray.data]);
    expect(sideloaded.code, sideloaded.err).toBe(0);
    const apart = await doctor(one);
    expect(apart.of("nodes")).toMatchObject([
      { state: "note", text: expect.stringMatching(/: store, .*: folder [0-9a-f]{8}/) },
    ]);
    expect(apart.of("plugin mine")).toMatchObject([
      { state: "note", text: expect.stringContaining("file of mine") },
    ]);
    await stray.stop();
    const off = JSON.stringify({ host: "late", started: 1, version: "0.0.9", clock: 1 });
    const hearLate = () =>
      client
        .multi()
        .hset("HITAGI:NODES:STATE", "late", `999999 ${off}`)
        .zadd("HITAGI:NODES", Date.now() + 60_000, "late")
        .exec();
    await hearLate();
    // The others forget a node that they do not hear of for a lease, which may be shorter than the doctor's work.
    const hearing = setInterval(() => void hearLate().catch(() => {}), 500);
    onTestFinished(() => clearInterval(hearing));
    const ill = await doctor(one);
    clearInterval(hearing);
    expect(ill.of("nodes")).toMatchObject([
      { state: "wrong", text: expect.stringMatching(/clock of late is \d+ s behind/) },
      { state: "note", text: expect.stringContaining("0.0.9") },
    ]);

    await client.config("SET", "maxmemory", "1mb");
    const full = await doctor(one);
    expect(full.of("store")).toMatchObject([{ state: "wrong", hint: expect.stringContaining("maxmemory") }]);
    expect(full.of("api key")).toMatchObject([{ state: "ok" }]);

    client.disconnect();
    await redis.kill();
    const away = await doctor(one);
    expect([away.code, away.of("store")]).toMatchObject([1, [{ state: "wrong" }]]);
    expect(away.of("api key")).toMatchObject([{ state: "ok" }]);
    expect(away.of("nodes")).toMatchObject([{ state: "skipped" }]);
  });
});
