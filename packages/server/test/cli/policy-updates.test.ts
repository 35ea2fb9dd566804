import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), [offered("echo", ["1.0.0"])]);
  await world.run("registry", "add", "./comics");
  await world.run("install", "echo");
});
afterAll(() => world.close());

it("automatic updates are off, and turned on by plugin, registry or all, with their hours", async () => {
  const policy = async (...argv: string[]) => {
    const { code, err, json } = await world.run("policy", "updates", ...argv, "--json");
    expect(code, err).toBe(0);
    const { automatic, by } = json.plugins[0];
    return [automatic, by];
  };
  expect(await policy("show")).toEqual([false, "all"]);
  expect(await policy("on", "--all")).toEqual([true, "all"]);
  expect(await policy("off", "--registry", "comics")).toEqual([false, "registry"]);
  expect((await world.run("policy", "updates", "show")).out).toContain(
    'Registries: "comics" off. All others: on.',
  );
  expect(await policy("on", "echo")).toEqual([true, "plugin"]);
  expect(await policy("default", "echo", "--registry", "comics")).toEqual([true, "all"]);
  expect((await world.run("policy", "updates", "show")).out).toContain("\nAll plugins: on.\n");
  const hours = await world.run("policy", "updates", "hours", "02:00-05:00", "--zone", "Europe/Berlin");
  expect(hours.out).toContain("Automatic updates begin from 02:00 to 05:00 (Europe/Berlin).");
  expect((await world.run("policy", "updates", "hours", "any")).out).toContain("at any time");
  const wrong = await world.run("policy", "updates", "hours", "02:00-05:00", "--zone", "Mars/Base");
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("no time zone Mars/Base")]);
  expect((await world.run("policy", "updates", "on", "nobody")).err).toContain("not installed");
  expect((await world.run("policy", "updates", "on")).code).toBe(2);
});
