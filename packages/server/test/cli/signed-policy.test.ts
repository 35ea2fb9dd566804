import { mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { epochSeconds } from "../../src/clock.ts";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
const done: World["done"] = (...argv) => world.done(...argv);
const publish = async (folder: string, namespace: string, ...versions: string[]) => {
  await mkdir(path.join(world.folder, folder), { recursive: true });
  await writeRegistry(path.join(world.folder, folder), [offered(namespace, versions)]);
};

/** A signed registry with `echo` and an unsigned one with `other`, of which only signed ones are allowed. */
beforeAll(async () => {
  world = await openCliWorld();
  await publish("signed", "echo", "1.0.0");
  await publish("plain", "other", "1.0.0");
  await done("registry", "keygen", "--origin", "example.org/s", "--out", "key", "--recovery-out", "paper");
  await done("registry", "sign", "signed", "--key", "key");
  for (const folder of ["signed", "plain"]) await done("registry", "add", `./${folder}`);
  await done("policy", "installs", "set", "unsigned=off");
});
afterAll(() => world.close());

test("with only signed registries allowed, a signed one is installed from, and an unsigned one is refused with the way out", async () => {
  await done("install", "echo");
  expect((await done("info", "echo", "--json")).json.installed.trust.state).toBe("signed");
  const { code, err } = await world.run("install", "other");
  expect([code, err]).toEqual([1, expect.stringContaining("allows no plugins from unsigned registries")]);
  expect(err).toContain("hint: Install it from a registry that is signed");
  await done("policy", "installs", "set", "unsigned=on");
  await done("install", "other");
  await done("policy", "installs", "set", "unsigned=off");
});

test("what is installed from an unsigned registry stays, and is upgraded no more", async () => {
  await publish("plain", "other", "1.0.0", "1.1.0");
  await done("registry", "refresh", "plain");
  const { code, err } = await world.run("upgrade", "other");
  expect([code, err]).toEqual([1, expect.stringContaining("allows no plugins from unsigned registries")]);
  expect((await done("info", "other", "--json")).json.installed.version).toBe("1.0.0");
});

test("an upgrade to a version that is younger than the policy's age says how old it is", async () => {
  const first = epochSeconds();
  await vi.waitFor(() => expect(epochSeconds()).toBeGreaterThan(first), { timeout: 10_000 });
  await publish("signed", "echo", "1.0.0", "1.1.0");
  await done("registry", "sign", "signed", "--key", "key");
  await done("registry", "refresh", "signed");
  expect((await done("upgrade", "--list")).err).toMatch(
    /^echo 1\.1\.0 waits: echo 1\.1\.0 is known to this server for \d+ \w+ only, and updates wait for 1 day\.$/m,
  );
  const { out, err } = await done("upgrade", "echo");
  expect(out).toMatch(/^echo +1\.0\.0 +1\.1\.0 +upgraded$/m);
  expect(err).toMatch(
    /^Warning: echo 1\.1\.0 is known to this server for \d+ \w+ only; automatic updates wait for 1 day\.$/m,
  );
});
