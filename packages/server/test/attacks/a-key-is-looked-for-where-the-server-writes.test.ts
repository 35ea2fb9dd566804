import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Writable } from "node:stream";
import { createClient } from "@hitagi/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { bearer } from "../http/test-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const FIRST = "the-first-key-of-this-server";

/** The forms in which a key may appear: itself, its secret part, and both in base64. */
const formsOf = (key: string): string[] => [
  key,
  key.replace(/^hitagi_\w{16}_/, ""),
  bearer(key).authorization.replace("Bearer ", ""),
];

test("no key is in the log, the events, the history, the metrics or the data folder", async () => {
  let logged = "";
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += chunk;
      done();
    },
  });
  const data = path.join(await tempFolder(), "data");
  const config = readConfig({ data, port: "0", warm: "0", apiKey: FIRST }, {});
  const server = await startServer(config, createLog("trace", sink));
  let running = true;
  const stop = async (): Promise<void> => {
    if (running) await server.stop();
    running = false;
  };
  onTestFinished(stop);
  const client = createClient(server.address, FIRST);
  const seen: string[] = [];
  const watching = (async () => {
    for await (const message of await client.streamEvents({ query: {} })) seen.push(JSON.stringify(message));
  })();
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const { key } = await client.createKey({ body: { name: "planted", scope: "read" } });
  const { key: brief } = await client.createKey({ body: { name: "brief", scope: "read", expires } });
  const wrong = `${key.slice(0, -4)}nope`;
  for (const used of [key, brief, wrong, FIRST]) {
    const own = createClient(server.address, used);
    await own.listRegistries({}).catch(() => {});
    await own.deleteRegistry({ params: { id: "REG_0000000001" } }).catch(() => {});
  }
  vi.useFakeTimers({ toFake: ["Date"], now: expires * 1000 });
  onTestFinished(() => void vi.useRealTimers());
  await expect(createClient(server.address, brief).listRegistries({})).rejects.toMatchObject({
    code: "KEY_EXPIRED",
  });
  await client.revokeKey({ params: { name: "planted" } });
  await expect(createClient(server.address, key).listRegistries({})).rejects.toMatchObject({ status: 401 });
  const history = JSON.stringify(await client.listHistory({ query: { size: 200 } }));
  const metrics = await client.getMetrics({});
  await stop();
  await watching;
  expect(logged).toContain("/api/registries");
  expect(history).toContain("planted");

  const files = await readdir(data, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((f) => f.isFile()).map((f) => readFile(path.join(f.parentPath, f.name), "latin1")),
  );
  expect(contents.length).toBeGreaterThan(0);
  for (const form of [key, brief, wrong, FIRST].flatMap(formsOf)) {
    for (const place of [logged, seen.join("\n"), history, metrics, ...contents]) {
      expect(place.includes(form)).toBe(false);
    }
  }
});
