import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { blockKey, blockListFile } from "../support/block-list.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
let file: string;
beforeAll(async () => {
  world = await openCliWorld();
  file = path.join(world.folder, "blocks.txt");
  await writeRegistry(path.join(world.folder, "comics"), [offered("echo", ["1.0.0"])]);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

const blocks = (...argv: string[]) => world.run("policy", "blocks", ...argv);

test("without a list, it says how to follow one", async () => {
  const { code, out } = await blocks("show");
  expect([code, out]).toEqual([0, expect.stringContaining("hitagi policy blocks add <name> <address>")]);
});

test("a list that cannot be loaded fails, and says that installs wait", async () => {
  const { code, err } = await blocks("add", "own", file);
  expect([code, err]).toEqual([1, expect.stringContaining("Nothing is installed until it is loaded.")]);
  expect((await world.run("install", "echo")).err).toContain("The block list own was never loaded");
  expect((await blocks("remove", "own")).err).toContain(`hitagi policy blocks add own ${file}`);
});

test("what a list names is shown with its reason, and runs again at its owner's word", async () => {
  expect((await world.run("install", "echo")).code).toBe(0);
  await writeFile(file, blockListFile(1, ["block namespace echo it steals sessions"]));
  const { code, out, err } = await blocks("add", "own", file);
  expect(code).toBe(0);
  expect(out).toMatch(/echo 1\.0\.0 +blocked +own +it steals sessions/);
  expect(err).toContain(`Its key is pinned: ${blockKey()}.`);
  expect((await world.run("run", "echo")).err).toContain("the block list own names it");
  const allowed = await blocks("allow", "echo");
  expect(allowed.out).toMatch(/echo 1\.0\.0 +allowed/);
  expect(allowed.err).toContain("To undo: `hitagi policy blocks disallow echo`");
  expect((await world.run("run", "echo")).code).toBe(0);
  expect((await blocks("show", "--json")).json.allowed).toMatchObject([{ namespace: "echo" }]);
});
