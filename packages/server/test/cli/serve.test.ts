import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { PassThrough } from "node:stream";
import { createClient, toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { readConfig } from "../../src/config/config.ts";
import { waiting } from "../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { runCaptured } from "./cli-world.ts";

/** `hitagi serve` on a free port, running until it is stopped. */
const serving = async (folder: string, ...flags: string[]) => {
  const stop = new AbortController();
  let out = "";
  let err = "";
  const ended = runCli(["serve", "--port", "0", "--warm", "0", "--log", "warn", ...flags], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: new PassThrough(),
    env: { HITAGI_DATA: path.join(folder, "data") },
    cwd: folder,
    signal: stop.signal,
  });
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  await vi.waitFor(() => expect(out, err).toContain("Ctrl-C"));
  const address = /listens on (\S+)/.exec(out)?.[1] ?? "";
  return { address, out: () => out, stop: () => stop.abort(), ended };
};

describe.skipIf(withoutRedis)("hitagi serve on Redis", () => {
  const redis = sharedRedis(["--requirepass", "hunter22"]);

  it("prints its store, its library and the number of other servers, without a password", async () => {
    const store = redis().address(2).replace("redis+unix://", "redis+unix://:hunter22@");
    const flags = ["--store", store, "--library", await tempFolder()];
    const first = await serving(await tempFolder(), ...flags);
    expect(first.out()).toMatch(
      /^ {2}Store {4}redis\+unix:\/\/\*\*\*@\S+\?db=2, with 0 other servers\n {2}Library {2}\//m,
    );
    const second = await serving(await tempFolder(), ...flags);
    expect(second.out()).toContain(", with 1 other server\n");
    expect(first.out() + second.out()).not.toContain("hunter22");
  });
});

describe("hitagi serve", () => {
  it.each([
    [[], /^off$/],
    [["--perl"], /^(ok|unavailable)$/],
    [["--perl", "0"], /^off$/],
    [["--perl", "1"], /^(ok|unavailable)$/],
  ])("runs Perl plugins only with --perl: %o", async (flags, state) => {
    const { address } = await serving(await tempFolder(), ...flags);
    const health = await createClient(address).getHealth({});
    expect(health.runtimes.perl).toMatch(state);
    if (health.runtimes.perl !== "unavailable") expect(health.status).toBe("ok");
  });

  it("prints the address, the key once, and examples; a second server on its folder or port refuses to start", async () => {
    const folder = await tempFolder();
    const first = await serving(folder);
    const file = path.join(folder, "data", "api-key");
    const key = (await readFile(file, "utf8")).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.out()).toContain(key);
    expect(first.out()).toMatch(/^ +hitagi --server http:\S+ --data \S+ registry add/m);
    expect(await createClient(first.address, key).listRegistries({})).toMatchObject({ registries: [] });

    const data = path.join(folder, "data");
    const again = await runCaptured(["serve", "--port", "0", "--data", data, "--log", "silent"]);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/already uses this data folder/);

    const { port } = new URL(first.address);
    const other = await runCaptured([
      "serve",
      "--port",
      port,
      "--data",
      path.join(folder, "b"),
      "--log",
      "silent",
    ]);
    expect(other.code).toBe(1);
    expect(other.err).toContain(`127.0.0.1:${port} is already in use`);
    expect(other.err).toMatch(/^hint: .*--port/m);

    first.stop();
    expect(await first.ended).toBe(0);
    const down = await runCaptured(["list", "--server", first.address, "--data", data]);
    expect(down.code).toBe(3);

    const second = await serving(folder);
    expect(second.out()).not.toContain(key);
    expect(second.out()).toContain(file);
  });

  it.each([
    ["HITAGI_STORE", { HITAGI_STORE: "sqlite:" }],
    ["HITAGI_STORE", { HITAGI_STORE: "sqlite:." }],
    ["HITAGI_STORE", { HITAGI_STORE: "mysql:x" }],
    ["HITAGI_DATA", { HITAGI_DATA: "taken" }],
    ["HITAGI_PLUGINS", { HITAGI_PLUGINS: "taken/plugins" }],
    ["HITAGI_LIBRARY", { HITAGI_LIBRARY: "taken" }],
    ["HITAGI_LIBRARY", { HITAGI_LIBRARY: "http://127.0.0.1:3000" }],
    ["HITAGI_LIBRARY", { HITAGI_LIBRARY: "lanraragi+ftp://127.0.0.1" }],
    ["HITAGI_LIBRARY", { HITAGI_LIBRARY: "lanraragi+http://localhost:3999", HITAGI_PORT: "3999" }],
    ["HITAGI_LIBRARY", { HITAGI_LIBRARY: "lanraragi+http://key@127.0.0.1" }],
  ])("refuses an invalid location in %s: %j", async (name, env) => {
    const folder = await tempFolder();
    await writeFile(path.join(folder, "taken"), "");
    const at = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, value.replace(/^taken/, path.join(folder, "taken"))]),
    );
    const settings = {
      HITAGI_DATA: path.join(folder, "data"),
      HITAGI_PORT: "0",
      HITAGI_LOG: "silent",
      ...at,
    };
    const { code, err } = await runCaptured(["serve"], { env: settings });
    expect(code, err).toBe(2);
    expect(err).toContain(`The setting ${name} is not valid`);
  });

  it("refuses an address that is not on this machine", async () => {
    const folder = await tempFolder();
    const data = path.join(folder, "data");
    const { code, err } = await runCaptured([
      "serve",
      "--host",
      "192.0.2.1",
      "--data",
      data,
      "--log",
      "silent",
    ]);
    expect(code).toBe(2);
    expect(err).toContain("HITAGI_HOST");
  });
});

describe("a server that stops", () => {
  /** A server with one call in flight, which lasts until `end` is called. */
  const busy = async (graceMs: number) => {
    const flags = { data: path.join(await tempFolder(), "data"), port: "0", warm: "0", apiKey: "given" };
    const server = await startServer(readConfig(flags, {}), pino({ level: "silent" }), graceMs);
    onTestFinished(() => server.stop());
    const client = createClient(server.address, "given");
    await client.sideloadPlugin({ file: new Blob([waiting("slow")]), filename: "slow.ts", body: {} });
    const used = client.usePlugin({ query: { plugin: "slow" } });
    used.catch(() => undefined);
    await vi.waitFor(() => expect(server.services.runtimes[0]?.stats().inFlight).toBe(1));
    const end = () => server.services.plugins.use({ namespace: toNamespace("slow"), arg: "end" });
    return { server, used, end };
  };

  it("lets a running call end, and does not wait for its connection", async () => {
    const { server, used, end } = await busy(60_000);
    const stopping = server.stop();
    await end();
    await stopping;
    expect(await used).toMatchObject({ success: 1, data: { waited: true } });
  });

  it("does not wait for a connection that was opened ahead and never used", async () => {
    const { server, end } = await busy(60_000);
    const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
    const closed = once(socket, "close");
    await once(socket, "connect");
    const stopping = server.stop();
    await end();
    await stopping;
    await closed;
  });

  it("ends a call that exceeds the grace period", async () => {
    const { server, used } = await busy(100);
    await server.stop();
    await expect(used).rejects.toThrow();
  });
});
