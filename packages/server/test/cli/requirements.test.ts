import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), [
    offered("app", ["1.0.0"], { requires: { plugins: { login: "^1.0.0" } } }),
    offered("login", ["1.0.0", "1.1.0", "2.0.0"], { permissions: { net: ["login.example"] } }),
    offered("lost", ["1.0.0"], { requires: { plugins: { nothing: "*" } } }),
  ]);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

it("install shows what a plugin needs, asks for all permissions, and installs it with that", async () => {
  const refused = await world.run("install", "app");
  expect(refused.err).toContain(
    "Needs login ^1.0.0: will install 1.1.0 from comics; it asks to reach login.example.",
  );
  expect(refused.code).toBe(1);
  expect((await world.run("list", "--json")).out).not.toContain('"app"');
  const { code, err } = await world.run("install", "app", "--yes");
  expect(code).toBe(0);
  expect(err).toContain("Installed login 1.1.0, which app needs.");
  await vi.waitFor(async () => {
    const { json } = await world.run("history", "--json");
    const { details } = json.items.find(({ action }: { action: string }) => action === "install_plugin");
    expect(details.plugins.map(({ namespace }: { namespace: string }) => namespace)).toEqual([
      "app",
      "login",
    ]);
  });
});

it("an upgrade that breaks what another plugin needs says so, and so does a removal", async () => {
  const upgraded = await world.run("upgrade", "login");
  expect([upgraded.code, upgraded.err]).toEqual([1, expect.stringContaining("app 1.0.0 needs login ^1.0.0")]);
  const removed = await world.run("uninstall", "login", "--yes");
  expect([removed.code, removed.err]).toEqual([
    1,
    expect.stringContaining("login is needed by app (^1.0.0)."),
  ]);
});

it("a rollback that breaks what another plugin needs says so, also in the list", async () => {
  expect(
    (await world.run("install", "login", "--version", "2.0.0", "--ignore-requirements", "--yes")).code,
  ).toBe(0);
  await world.run("install", "login", "--version", "1.1.0", "--yes");
  const { out, err } = await world.run("rollback", "login", "--list");
  expect(out).toMatch(/^2\.0\.0 .* needed$/m);
  expect(err).toContain("login is needed by app (^1.0.0), and would be 2.0.0.");
  const refused = await world.run("rollback", "login");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("`hitagi rollback login 2.0.0 --ignore-requirements`"),
  ]);
  expect((await world.run("rollback", "login", "--ignore-requirements")).code).toBe(0);
  expect((await world.run("rollback", "login", "--ignore-requirements")).code).toBe(0);
});

it("an upgrade shows what it brings, and asks for its permissions", async () => {
  await writeRegistry(path.join(world.folder, "comics"), [
    offered("app", ["1.0.0"], { requires: { plugins: { login: "^1.0.0" } } }),
    offered("login", ["1.0.0", "1.1.0", "2.0.0"], { permissions: { net: ["login.example"] } }),
    offered("lost", ["1.0.0"], { requires: { plugins: { nothing: "*" } } }),
    offered("lone", ["1.0.0"]),
  ]);
  await world.run("registry", "refresh", "comics");
  await world.run("install", "lone");
  await world.run("uninstall", "login", "app", "--yes");
  const lone = offered("lone", ["1.0.0"]);
  lone.versions.push(...offered("lone", ["1.1.0"], { requires: { plugins: { login: "^1.0.0" } } }).versions);
  await writeRegistry(path.join(world.folder, "comics"), [
    lone,
    offered("app", ["1.0.0"], { requires: { plugins: { login: "^1.0.0" } } }),
    offered("login", ["1.0.0", "1.1.0", "2.0.0"], { permissions: { net: ["login.example"] } }),
    offered("lost", ["1.0.0"], { requires: { plugins: { nothing: "*" } } }),
  ]);
  await world.run("registry", "refresh", "comics");
  const without = await world.run("upgrade", "lone");
  expect([without.code, without.err]).toEqual([1, expect.stringContaining("login 1.1.0 asks for")]);
  const { code, err } = await world.inTerminal("y\n", "upgrade", "lone");
  expect(err).toContain(
    "Needs login ^1.0.0: will install 1.1.0 from comics; it asks to reach login.example.",
  );
  expect(err).toContain("login 1.1.0 asks to reach login.example. Grant it? [y/N]");
  expect(code).toBe(0);
  expect(err).toContain("Installed login 1.1.0, which lone needs.");
  expect((await world.run("uninstall", "lone", "--yes")).code).toBe(0);
  expect((await world.run("install", "app", "--yes")).code).toBe(0);
});

it("what cannot be installed says why, and is installed by the owner's word; doctor names what is missing", async () => {
  const refused = await world.run("install", "lost");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("no registry here offers it")]);
  const ignored = await world.run("install", "lost", "--ignore-requirements", "--yes");
  expect([ignored.code, ignored.err]).toEqual([
    0,
    expect.stringContaining("Warning: lost 1.0.0 needs nothing"),
  ]);
  expect((await world.run("doctor")).out).toContain("It needs nothing *, and it is not installed");
});

it("plugins that need each other are removed together, in any order", async () => {
  expect((await world.run("uninstall", "login", "app", "lost", "--yes")).code).toBe(0);
  expect((await world.run("list", "--json")).out).not.toContain('"login"');
});
