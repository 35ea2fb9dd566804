import path from "node:path";
import { Writable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { bearer } from "./test-server.ts";

test("the log has the path of a request without its query", async () => {
  let logged = "";
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += chunk;
      done();
    },
  });
  const flags = { data: path.join(await tempFolder(), "data"), port: "0", warm: "0", apiKey: "given" };
  const server = await startServer(readConfig(flags, {}), createLog("debug", sink));
  onTestFinished(() => server.stop());
  const headers = bearer("given");
  const query = "plugin=nobody&arg=a-word-of-mine&url=https%3A%2F%2Fexample.org%2Fa-word-of-mine";
  await fetch(`${server.address}/api/plugins/use?${query}`, { method: "POST", headers });
  await fetch(`${server.address}/api/plugins/available?q=a-word-of-mine`, { headers });
  await vi.waitFor(() => {
    expect(logged).toContain('"path":"/api/plugins/use"');
    expect(logged).toContain('"path":"/api/plugins/available"');
  });
  expect(logged).not.toContain("a-word-of-mine");
});

test("an expected error is logged with its hint and without a stack", () => {
  const lines: string[] = [];
  const log = createLog("info", { write: (line: string) => void lines.push(line) });
  const cause = new Error("OOM command not allowed");
  log.warn({ err: new HitagiError("STORE_FULL", {}, { cause }) }, "refused");
  log.error({ err: new HitagiError("STORE_FAILED", { reason: "odd" }, { cause }) }, "failed");
  const [refused, failed] = lines.map((line) => JSON.parse(line).err);
  expect(Object.keys(refused)).toEqual(["code", "message", "hint", "cause"]);
  expect(refused).toMatchObject({
    code: "STORE_FULL",
    hint: expect.stringContaining("maxmemory"),
    cause: cause.message,
  });
  expect(failed.stack).toContain("log.test.ts");
});
