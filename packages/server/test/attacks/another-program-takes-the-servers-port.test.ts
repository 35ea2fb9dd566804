import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, runCaptured, type World } from "../cli/cli-world.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";

let world: World;
let named: string;
beforeAll(async () => {
  world = await openCliWorld();
  named = (await world.run("key", "add", "reader", "--scope", "read", "--json")).json.key;
});
afterAll(() => world.close());

const json = (body: unknown): RequestListener => {
  return (_, response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
};

/** Any program on the port of a server that does not run, and what it was sent. */
const impostor = async (answer: RequestListener) => {
  const seen: IncomingMessage[] = [];
  const address = await httpServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  const keys = () => seen.filter(({ headers }) => headers.authorization !== undefined);
  return { address, keys };
};

/** A proof of the real server, which the impostor asked for before. */
const recorded = async (): Promise<unknown> => {
  const response = await fetch(`${world.server.address}/api/keys/proof?nonce=${"0".repeat(64)}`);
  return response.json();
};

const impostors: Record<string, () => Promise<RequestListener>> = {
  "answers everything": async () => json({ operation: "x", success: 1, registries: [], plugins: [] }),
  "has no such key": async () => json({ salt: null, proof: null }),
  "repeats a proof for another nonce": async () => json(await recorded()),
  "invents a proof": async () => json({ salt: null, proof: "0".repeat(64) }),
  "redirects to the real server": async () => (request, response) =>
    void response.writeHead(307, { location: `${world.server.address}${request.url}` }).end(),
  "answers with other types": async () => json({ salt: 7, proof: ["x"] }),
  "does not know the question": async () => (_, response) =>
    void response.writeHead(404, { "content-type": "application/json" }).end("{}"),
};

test.each(Object.entries(impostors))("a program that %s is not sent the key", async (_name, make) => {
  const { address, keys } = await impostor(await make());
  const data = path.join(world.folder, "data");
  for (const options of [
    ["--data", data],
    ["--key", named],
    ["--key", "a short key"],
  ]) {
    const { code, err } = await runCaptured(["list", "--server", address, ...options]);
    expect(code, err).not.toBe(0);
    expect(err).toMatch(/^hint: /m);
  }
  expect(keys()).toEqual([]);
});

test("the error says so, and --unproven sends the key to a server of an older version", async () => {
  const { address, keys } = await impostor((_, response) => {
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  const refused = await runCaptured(["list", "--server", address, "--key", named]);
  expect(refused.err).toContain("The API key was not sent");
  expect(refused.err).toContain("--unproven");
  expect(keys()).toEqual([]);
  await runCaptured(["list", "--unproven", "--server", address, "--key", named]);
  expect(keys()).not.toEqual([]);
});

test("a real server is sent the key, also a named and a short one", async () => {
  const short = await openCliWorld({ apiKey: "short" });
  try {
    const { address } = world.server;
    expect((await world.run("list")).code).toBe(0);
    expect((await runCaptured(["list", "--server", address, "--key", named])).code).toBe(0);
    const env = { HITAGI_SERVER: short.server.address, HITAGI_API_KEY: "short" };
    const ran = await runCaptured(["list"], { env });
    expect(ran.code, ran.err).toBe(0);
    const wrong = await runCaptured(["list"], { env: { ...env, HITAGI_API_KEY: "shorT" } });
    expect(wrong.err).toContain("has another key");
  } finally {
    await short.close();
  }
});

test("the proof after a rotation is that of the new key", async () => {
  const own = await openCliWorld();
  try {
    const { json: before } = await own.run("key", "rotate", "--yes", "--json");
    expect((await own.run("list")).code).toBe(0);
    const cwd = await tempFolder();
    await mkdir(path.join(cwd, "data"));
    await writeFile(path.join(cwd, "data", "api-key"), `${before.key}x`);
    expect((await runCaptured(["list", "--server", own.server.address], { cwd })).code).toBe(1);
  } finally {
    await own.close();
  }
});

test("http to another machine is warned of, because the proof does not hide the key", async () => {
  // A name of the local network that does not exist: nothing is sent.
  const remote = ["list", "--server", "http://nas.invalid:3000", "--key", named];
  expect((await runCaptured(remote)).err).toMatch(/^warning: http:\/\/nas\.invalid:3000 is not encrypted/);
  expect((await runCaptured([...remote, "--unproven"])).err).not.toContain("warning");
  const https = ["list", "--server", "https://nas.invalid:3000", "--key", named];
  expect((await runCaptured(https)).err).not.toContain("warning");
  for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
    const { err } = await runCaptured(["list", "--server", `http://${host}:9`, "--key", named]);
    expect(err).not.toContain("warning");
  }
});
