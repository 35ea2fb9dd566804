import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
const offer = async (...versions: string[]): Promise<void> => {
  await writeRegistry(path.join(world.folder, "comics"), [offered("echo", versions)]);
  await world.run("registry", "refresh", "comics");
};
const done: World["done"] = (...argv) => world.done(...argv);
const updates = async (): Promise<string[]> =>
  (await done("upgrade", "--list", "--json")).json.updates.map((one: { update: string }) => one.update);

beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), [offered("echo", ["1.0.0"])]);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.run("uninstall", "echo", "--yes");
  await offer("1.0.0", "1.1.0");
  await done("install", "echo", "--version", "1.0.0");
});

describe("hitagi hold", () => {
  it("keeps a plugin at its version, and says why at the next update", async () => {
    expect((await done("hold", "echo", "--note", "1.1 loses tags")).out).toBe(
      "echo is held: no update goes beyond 1.0.0.\n",
    );
    for (const command of [["upgrade", "--list"], ["upgrade"]]) {
      const { out, err } = await done(...command);
      expect(out).toMatch(/^(There is nothing|Nothing) to upgrade\.\n$/);
      expect(err).toContain("echo: 1.1.0 is held back: it is held at 1.0.0 (1.1 loses tags)");
      expect(err).toContain("hint: `hitagi unhold echo` offers it again.");
    }
    expect((await done("upgrade", "--list", "--json")).json).toMatchObject({
      updates: [],
      held: [
        {
          ...{ namespace: "echo", registryName: "comics", installed: "1.0.0", update: "1.1.0" },
          ...{ reason: "held", at: "1.0.0", note: "1.1 loses tags" },
          text: "1.1.0 is held back: it is held at 1.0.0 (1.1 loses tags)",
          hint: "`hitagi unhold echo` offers it again.",
        },
      ],
    });
    const named = await world.run("upgrade", "echo");
    expect([named.code, named.err]).toEqual([1, expect.stringContaining("echo is held at 1.0.0")]);
    expect(named.err.match(/held/g)).toHaveLength(1);
    const installed = await world.run("install", "echo");
    expect(installed.err).toContain("Note: 1.1 loses tags");
    expect(installed.err).toContain("`hitagi unhold echo`");
    expect((await done("info", "echo")).out).toMatch(
      /^Updates +held at 1\.0\.0 since .* \(1\.1 loses tags\)$/m,
    );
    await done("unhold", "echo");
    expect(await updates()).toEqual(["1.1.0"]);
  });

  it("lets updates go as far as --at", async () => {
    await offer("1.0.0", "1.1.0", "1.2.0");
    const { err } = await done("hold", "echo", "--at", "1.1.0");
    expect(err).toContain("1.0.0 is installed. To change that: `hitagi install echo --version 1.1.0`.");
    expect(await updates()).toEqual(["1.1.0"]);
    await done("upgrade");
    expect(await updates()).toEqual([]);
    await done("unhold", "echo");
  });
});

it("refuses versions that are neither offered nor kept, and says which there are", async () => {
  for (const command of [
    ["skip", "echo", "7.0.0"],
    ["hold", "echo", "--at", "7.0.0"],
  ]) {
    const { code, err } = await world.run(...command);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(
        "No registry offers echo 7.0.0, and it is not kept here. There are: 1.1.0, 1.0.0.",
      ),
    ]);
  }
  expect((await done("info", "echo", "--json")).json.installed.updates).toBeUndefined();
});

describe("hitagi skip", () => {
  it("leaves one version out", async () => {
    expect((await done("skip", "echo", "--note", "too slow")).out).toContain("echo 1.1.0 is skipped");
    expect((await done("upgrade", "--list")).err).toContain(
      "1.1.0 is held back: this version is skipped (too slow)",
    );
    await offer("1.0.0", "1.0.1", "1.1.0");
    expect(await updates()).toEqual(["1.0.1"]);
    const wrong = await world.run("unskip", "echo", "1.0.1");
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("Skipped are: 1.1.0.")]);
    expect((await done("unskip", "echo", "1.1.0")).out).toContain("1.1.0 may be offered again");
    expect(await updates()).toEqual(["1.1.0"]);
    expect((await done("unskip", "echo")).out).toBe("No version of echo is skipped.\n");
  });
});

describe("hitagi rollback", () => {
  it("leaves a version that is not offered again until a newer one comes", async () => {
    await done("upgrade");
    await done("rollback", "echo");
    expect(await updates()).toEqual([]);
    expect((await done("upgrade", "--list")).err).toContain(
      "1.1.0 is held back: it was rolled back, and no newer version is offered",
    );
    await offer("1.0.0", "1.1.0", "1.2.0");
    expect(await updates()).toEqual(["1.2.0"]);
  });

  it("lists what it can go back to, with when and why each was left", async () => {
    await done("upgrade");
    await done("rollback", "echo");
    await done("hold", "echo");
    const { out, json } = await done("rollback", "echo", "--list");
    expect(json).toBeUndefined();
    expect(out).toMatch(
      /^VERSION +FROM +INSTALLED +LEFT\n1\.1\.0 +comics +20\S+ \S+ \S+ +20\S+ \S+ \S+, rolled back\n$/,
    );
    await done("unhold", "echo");
    await done("uninstall", "echo");
    const removed = await done("rollback", "echo", "--list");
    expect(removed.err).toBe("echo is not installed; a rollback installs it again.\n");
    expect(removed.out).toMatch(/^1\.0\.0 .*, uninstalled$/m);
    expect((await done("rollback", "echo", "1.0.0")).out).toBe(
      "echo was not installed. echo is now at 1.0.0.\n",
    );
  });

  it("says that a plugin is not installed", async () => {
    for (const list of [[], ["--list"]]) {
      const { code, err } = await world.run("rollback", "nobody", ...list);
      expect([code, err]).toEqual([1, expect.stringContaining("Plugin nobody is not installed.")]);
    }
  });
});

it("upgrade --list names an installed version that is no longer offered, and does not call it up to date", async () => {
  await done("upgrade");
  await offer("1.0.0");
  const { out, err } = await done("upgrade", "--list");
  expect(out).toBe("There is nothing to upgrade.\n");
  expect((await done("upgrade", "--list", "--json")).json).toMatchObject({
    withdrawn: [{ namespace: "echo", text: "installed 1.1.0 is no longer offered" }],
  });
  expect(err).toContain("echo: installed 1.1.0 is no longer offered");
});
