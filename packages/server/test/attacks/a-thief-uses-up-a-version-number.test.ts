import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { signedVersionsText } from "../../src/keeper/signed-versions.ts";
import { findVersion, versionAbove, versionsIn } from "../../src/keeper/versions.ts";
import { openCliWorld } from "../cli/cli-world.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { processorTime } from "../support/processor-time.ts";

/** A signed registry on a web server, an owner who follows it, and a thief who has its folder and its signing key. */
const withThief = async () => {
  const world = await openCliWorld();
  onTestFinished(world.close);
  const at = (...parts: string[]) => path.join(world.folder, ...parts);
  const address = await httpServer((request, response) => {
    readFile(at("public", decodeURIComponent(request.url ?? ""))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  const { done } = world;
  const write = async (folder: string, version: string, text = "") => {
    await mkdir(at(folder, "plugins"), { recursive: true });
    await writeFile(at(folder, "plugins/echo.ts"), `${pluginSource({ version })}// ${text}\n`);
  };
  const publish = (folder: string, key: string, ...more: string[]) =>
    world.run("registry", "publish", folder, "--key", key, "--to", "public", "--address", address, ...more);
  await done(
    "registry",
    "keygen",
    "--origin",
    "example.org/a",
    "--out",
    "day.key",
    "--recovery-out",
    "paper",
  );
  await done("registry", "init", "mine", "--name", "Mine");
  await write("mine", "1.0.0");
  expect((await publish("mine", "day.key")).code).toBe(0);
  await cp(at("mine"), at("thiefs"), { recursive: true });
  await done("registry", "add", address, "--name", "mine");
  const refresh = () => done("registry", "refresh", "mine");
  const recover = (...more: string[]) =>
    done("registry", "recover", "mine", "--recovery", "paper", "--out", "new.key", ...more);
  /** The version and the state of what the owner has. */
  const installed = async () => {
    const { version, health } = (await done("info", "echo", "--json")).json.installed;
    return [version, health.state, health.cause];
  };
  return { ...world, at, address, done, write, publish, refresh, recover, installed };
};

test("the keeper is refused a number that a thief published, is told the next one, and an upgrade brings it to who has the thief's file", async () => {
  const { address, done, write, publish, refresh, recover, installed, run } = await withThief();
  await write("thiefs", "1.1.0", "the thief's");
  expect((await publish("thiefs", "day.key")).code).toBe(0);
  await refresh();
  await done("install", "echo", "--yes");

  const { out } = await recover("--address", address);
  expect(out).toContain("  - echo 1.1.0 (removed)\n");
  expect(out).toMatch(/Publish a new version of each, which an upgrade brings them:\n {2}echo 1\.1\.1\n/);
  await write("mine", "1.1.0", "the keeper's");
  for (const command of [
    () => run("registry", "build", "mine"),
    () => publish("mine", "new.key"),
    () => run("registry", "add", "mine/plugins/echo.ts", "--dir", "mine"),
  ]) {
    const { code, err } = await command();
    expect([code, err]).toEqual([1, expect.stringContaining("echo 1.1.0 was published before this epoch")]);
    expect(err).toContain("Give the file the version 1.1.1.");
  }
  await write("mine", "1.1.1");
  expect((await publish("mine", "new.key")).code).toBe(0);
  await refresh();
  expect(await installed()).toEqual(["1.1.0", "quarantined", "withdrawn"]);
  await done("upgrade", "echo");
  expect(await installed()).toEqual(["1.1.1", "ok", undefined]);
});

test("build metadata makes no other number, and the thief's own bytes are refused too", async () => {
  const { at, address, write, publish, recover, run } = await withThief();
  await write("thiefs", "1.1.0", "the thief's");
  await publish("thiefs", "day.key");
  await recover("--address", address);
  await write("mine", "1.1.0+mine");
  expect((await run("registry", "build", "mine")).err).toContain("Give the file the version 1.1.1.");
  await write("mine", "1.1.0", "the thief's");
  const same = await run("registry", "build", "mine");
  expect(same.err).toContain("look whether they are yours, or a thief's");
  // A file in a folder of its version is judged too.
  await rm(at("mine/plugins"), { recursive: true });
  await mkdir(at("mine/plugins/script/echo/1.1.0"), { recursive: true });
  await writeFile(at("mine/plugins/script/echo/1.1.0/echo.ts"), pluginSource({ version: "1.1.0" }));
  expect((await run("registry", "build", "mine")).err).toContain("Give the file the version 1.1.1.");
});

test("an index that another tool wrote with such a number is not signed", async () => {
  const { at, address, write, publish, recover, run } = await withThief();
  await write("thiefs", "1.1.0", "the thief's");
  await publish("thiefs", "day.key");
  await recover("--address", address);
  const index = JSON.parse(await readFile(at("mine/registry.json"), "utf8"));
  const { versions } = index.plugins.echo;
  versions["1.1.0"] = { ...versions["1.0.0"], version: "1.1.0" };
  await writeFile(at("mine/registry.json"), `${JSON.stringify(index)}\n`);
  const { code, json } = await run("registry", "sign", "mine", "--key", "new.key", "--json");
  expect([code, json.code, json.error]).toEqual([
    1,
    "VERSION_CHANGED",
    expect.stringContaining("echo 1.1.0 was published before this epoch"),
  ]);
});

test("what the thief publishes under the old key after the recovery counts too, also where the recovery did not see it", async () => {
  const { write, publish, recover, run, at } = await withThief();
  await recover("--offline");
  await write("thiefs", "1.2.0", "the thief's");
  expect((await publish("thiefs", "day.key")).code).toBe(0);
  await write("mine", "1.2.0", "the keeper's");
  const clash = await publish("mine", "new.key");
  expect([clash.code, clash.err]).toEqual([1, expect.stringContaining("Give the file the version 1.2.1.")]);
  await write("mine", "1.0.0");
  expect((await publish("mine", "new.key")).code).toBe(0);
  expect(JSON.parse(await readFile(at("mine/registry.versions.json"), "utf8")).ended).toMatchObject({
    echo: { "1.2.0": {} },
  });
  // The address shows the keeper's files again, and the number stays taken.
  await write("mine", "1.2.0", "the keeper's");
  expect((await run("registry", "build", "mine")).err).toContain("Give the file the version 1.2.1.");
});

test("an owner's server tells the versions that the address no longer shows, and numbers without end leave one above", async () => {
  const { address, done, write, publish, refresh, run, server, at } = await withThief();
  await write("thiefs", `1.0.${"9".repeat(30)}`, "the thief's");
  expect((await publish("thiefs", "day.key")).code).toBe(0);
  await refresh();
  await rm(at("public"), { recursive: true });
  const { json } = await done(
    ...["registry", "recover", "mine", "--recovery", "paper", "--out", "new.key", "--address", address],
    ...["--ask-server", "--server", server.address, "--json"],
  );
  const next = `1.0.1${"0".repeat(30)}`;
  expect(json).toMatchObject({ epoch: 2, replaced: [{ namespace: "echo", next }] });
  await write("mine", `1.0.${"9".repeat(30)}`);
  expect((await run("registry", "build", "mine")).err).toContain(`Give the file the version ${next}.`);
});

test("a later recovery keeps the numbers, but for those that its keeper offers then", async () => {
  const { address, write, publish, recover, run, at, done } = await withThief();
  await write("thiefs", "1.1.0", "the thief's");
  await publish("thiefs", "day.key");
  await recover("--address", address);
  await done("registry", "recover", "mine", "--recovery", "paper", "--out", "third.key", "--offline");
  await write("mine", "1.1.0");
  expect((await run("registry", "build", "mine")).err).toContain("Give the file the version 1.1.1.");
  const memory = at("mine/registry.versions.json");
  const { ended, ...rest } = JSON.parse(await readFile(memory, "utf8"));
  expect(Object.keys(ended.echo)).toEqual(["1.1.0"]);
  await writeFile(memory, JSON.stringify(rest));
  expect((await run("registry", "build", "mine", "--key", "third.key", "--offline")).code).toBe(0);
});

test("a plugin that is named __proto__ changes no object", () => {
  const proto = versionsIn([{ namespace: "__proto__", version: "1.0.0", sha256: "ab", yanked: false }]);
  expect(signedVersionsText(proto, proto)).toContain('"__proto__"');
  expect("1.0.0" in {}).toBe(false);
});

test("four times the versions are compared with about four times the work", () => {
  const work = (count: number) => {
    const list = Array.from({ length: count }, (_, n) => ({
      ...{ namespace: `plugin-${n % 10}`, version: `1.${n}.0`, sha256: "ab", yanked: false },
    }));
    const others = list.map((one) => ({ ...one, version: `2${one.version}` }));
    return processorTime(() => {
      const [now, ended] = [versionsIn(list), versionsIn(others)];
      expect([...ended.values()].filter((one) => findVersion(now, one))).toEqual([]);
      expect(versionAbove("plugin-3", now, ended)).toBe(`21.${count - 7}.1`);
    });
  };
  work(1000);
  // Each version beside each other one of its plugin would be sixteen times the work.
  expect(work(40_000) / work(10_000)).toBeLessThan(9);
});
