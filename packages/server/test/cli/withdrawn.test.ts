import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
let folder: string;
beforeAll(async () => {
  world = await openCliWorld();
  folder = path.join(world.folder, "comics");
  await writeRegistry(folder, [offered("echo", ["1.0.0", "1.1.0"])]);
  await world.run("registry", "add", "./comics");
  await world.run("install", "echo", "--yes");
  await writeRegistry(folder, [offered("echo", ["1.0.0"])]);
  await world.run("registry", "refresh", "comics");
});
afterAll(() => world.close());

const COMMAND = "`hitagi install echo --version 1.0.0`";

it("list names a version that is no longer offered, with the command that leaves it", async () => {
  const { out, err } = await world.run("list");
  expect(out + err).toContain("echo: installed 1.1.0 is no longer offered");
  expect(out + err).toContain(COMMAND);
  const { json } = await world.run("list", "--json");
  const { withdrawn } = json.find((plugin: { namespace: string }) => plugin.namespace === "echo");
  expect(withdrawn).toMatchObject({ installed: "1.1.0", offered: "1.0.0" });
});

it("info and doctor say it too", async () => {
  expect((await world.run("info", "echo")).out).toContain("installed 1.1.0 is no longer offered");
  expect((await world.run("info", "echo", "--json")).json.withdrawn).toMatchObject({ offered: "1.0.0" });
  const { out } = await world.run("doctor");
  expect(out).toContain("installed 1.1.0 is no longer offered");
  expect(out).toContain(COMMAND);
});

it("an install that names no version does not go back, and the command does", async () => {
  const refused = await world.run("install", "echo");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("1.1.0 is installed")]);
  expect(refused.err).toContain(COMMAND);
  expect((await world.run("install", "echo", "--version", "1.0.0")).code).toBe(0);
  expect((await world.run("info", "echo", "--json")).json.withdrawn).toBeNull();
});

it("a refresh takes an older index only with --accept-older, for registries that are named", async () => {
  const address = await httpServer((request, response) => {
    readFile(path.join(folder, decodeURIComponent(request.url ?? ""))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  expect((await world.run("registry", "add", address, "--name", "web")).code).toBe(0);
  const file = path.join(folder, "registry.json");
  const index = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...index, generated_at: "2019-01-01T00:00:00Z" }));
  const refused = await world.run("registry", "refresh", "web");
  expect(refused.err).toContain("--accept-older");
  expect((await world.run("registry", "refresh", "--accept-older")).code).toBe(2);
  expect((await world.run("registry", "refresh", "web", "--accept-older")).code).toBe(0);
  // Who changes a folder of the server's machine does not get it by a network that could hold back a newer one.
  expect((await world.run("registry", "refresh", "comics")).code).toBe(0);
});
