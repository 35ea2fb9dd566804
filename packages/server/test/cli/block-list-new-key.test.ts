import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld } from "./cli-world.ts";

test("after a stolen key the block list gets a new file and key, and its owners follow that as the hints say", async () => {
  const world = await openCliWorld();
  onTestFinished(world.close);
  const at = (file: string) => path.join(world.folder, file);
  const { done } = world;
  await mkdir(at("mine"));
  await writeRegistry(at("mine"), [offered("echo", ["1.0.0"])]);
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
  await done("registry", "sign", "mine", "--key", "day.key");
  await done("registry", "add", "./mine");
  await done("install", "echo");
  await writeFile(at("entries"), "block namespace thief It steals.\n");
  const sign = (key: string, out: string, entries = "entries") =>
    world.run("registry", "sign-blocks", entries, "--key", key, "--out", out, "--json");
  const first = await sign("day.key", "blocks.txt");
  await done("policy", "blocks", "add", "keepers", at("blocks.txt"), "--signed-by", first.json.key);

  // The thief blocks what is good.
  await writeFile(at("thiefs"), "block namespace echo It is bad.\n");
  await sign("day.key", "blocks.txt", "thiefs");
  await done("policy", "blocks", "refresh");
  const state = async () => (await done("info", "echo", "--json")).json.installed.health.state;
  expect(await state()).toBe("quarantined");

  const { out } = await done("registry", "recover", "mine", "--recovery", "paper", "--out", "new.key");
  expect(out).toContain("A block list that the old key signed needs a new file");
  const refused = await sign("new.key", "blocks.txt");
  expect([refused.code, refused.json.hint]).toEqual([
    1,
    expect.stringContaining("sign a new list into a new file with --out"),
  ]);
  const second = await sign("new.key", "blocks-2.txt");
  expect([second.code, second.json.sequence]).toEqual([0, 1]);
  // At the old address the new key is refused, and what to do is said.
  await writeFile(
    at("entries-2"),
    "block namespace thief It steals.\nblock namespace other It steals too.\n",
  );
  await sign("new.key", "new-list.txt", "entries-2");
  await writeFile(at("blocks.txt"), await readFile(at("new-list.txt")));
  const stale = await world.run("policy", "blocks", "refresh");
  expect([stale.code, stale.err]).toEqual([
    1,
    expect.stringContaining("remove the list and add it again with that key"),
  ]);
  expect(await state()).toBe("quarantined");
  await done("policy", "blocks", "remove", "keepers");
  await done("policy", "blocks", "add", "keepers", at("blocks-2.txt"), "--signed-by", second.json.key);
  expect(await state()).toBe("ok");
});
