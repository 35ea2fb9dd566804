import path from "node:path";
import { PassThrough } from "node:stream";
import { pino } from "pino";
import { expect, it, onTestFinished, vi } from "vitest";
import { type RunningServer, startServer } from "../../src/app/listen.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { readConfig } from "../../src/config/config.ts";
import { tempFolder } from "../support/temp-folder.ts";

const KEY = "given";

const serve = (data: string, port: string): Promise<RunningServer> =>
  startServer(
    readConfig({ data, port, warm: "0", apiKey: KEY, library: path.join(data, "library") }, {}),
    pino({ level: "silent" }),
  );

/** Runs `hitagi watch` until the test ends. */
const watching = (server: string, ...argv: string[]) => {
  const stopping = new AbortController();
  let out = "";
  let err = "";
  const code = runCli(["watch", ...argv], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: new PassThrough(),
    env: { HITAGI_SERVER: server, HITAGI_API_KEY: KEY },
    cwd: "/",
    signal: stopping.signal,
  });
  const stop = async () => {
    stopping.abort();
    return code;
  };
  onTestFinished(async () => void (await stop()));
  return { out: () => out, err: () => err, code, stop };
};

const addRegistry = ({ services }: RunningServer) =>
  services.registries.create({ name: "a", provider: "local", path: "/nowhere" });

it("shows each event on a line, and reconnects after the server restarts", async () => {
  const data = await tempFolder();
  const first = await serve(data, "0");
  onTestFinished(() => first.stop());
  const text = watching(first.address, "--kind", "registry");
  const json = watching(first.address, "--json");
  // Whether they follow already is seen by the events themselves.
  await vi.waitFor(async () => {
    await addRegistry(first);
    expect(text.out()).toMatch(/^\d\d:\d\d:\d\d {2}registry "a" \(REG_\d{10}\) added\n/);
    expect(json.out()).not.toBe("");
  });
  for (const line of json.out().trimEnd().split("\n")) {
    expect(JSON.parse(line)).toMatchObject({ kind: "registry", action: "added", name: "a" });
  }
  const { port } = new URL(first.address);
  await first.stop();
  const second = await serve(data, port);
  onTestFinished(() => second.stop());
  await vi.waitFor(
    async () => {
      expect(text.err()).toContain("The connection ended; trying again.");
      expect(text.err()).toContain("Some events were missed");
    },
    { interval: 50 },
  );
  const before = text.out();
  await addRegistry(second);
  await vi.waitFor(() => expect(text.out().length).toBeGreaterThan(before.length));
  await vi.waitFor(() => expect(json.out()).toContain('"kind":"reset"'));
  expect(await text.stop()).toBe(0);
});

it("fails with the reason if it cannot start", async () => {
  expect(await watching("http://127.0.0.1:1").code).toBe(3);
  const wrong = watching("http://127.0.0.1:1", "--kind", "cats");
  expect(await wrong.code).toBe(2);
  expect(wrong.err()).toContain("job, plugin, registry, archive");
});
