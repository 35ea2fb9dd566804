import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), [offered("echo", ["1.0.0"])]);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

const installs = (...argv: string[]) => world.run("policy", "installs", ...argv);
const DEFAULTS = {
  age: { hours: 24, manual: false, exceptions: [] },
  ...{ registries: null, types: null, runtimes: null, unsigned: true, sideloaded: true },
};

test("the rules are shown with what they mean, in 80 columns", async () => {
  expect((await installs("show", "--json")).json).toEqual({ revision: 0, ...DEFAULTS });
  const lines = (await installs("show")).out.split("\n");
  expect(lines[0]).toMatch(/^RULE +VALUE +MEANING$/);
  expect(lines[1]).toMatch(/^age +24h +the age at which automatic/);
});

test("rules are set together, and set back by the command that the change prints", async () => {
  const rules = ["age=2d", "manual=on", "types=metadata,login", "runtimes=deno", "registries=comics"];
  const { err } = await installs("set", ...rules, "unsigned=off", "sideloaded=off");
  expect((await installs("show", "--json")).json).toMatchObject({
    age: { hours: 48, manual: true },
    registries: [{ name: "comics" }],
    ...{ types: ["metadata", "login"], runtimes: ["deno"], unsigned: false, sideloaded: false },
  });
  expect((await installs("show")).out).toMatch(/^registries +"comics" /m);
  const [, undo = ""] = /To undo: `hitagi policy installs (.+)`/.exec(err) ?? [];
  expect((await installs(...undo.split(" "), "--json")).json).toMatchObject(DEFAULTS);
});

test("one plugin or registry has an age of its own until it is set to default", async () => {
  const set = await installs("set", "age=0", "--plugin", "ECHO");
  expect(set.out).toContain("the same for the plugin echo");
  expect(set.err).toBe("To undo: `hitagi policy installs set age=default --plugin echo`\n");
  const other = await installs("set", "age=3d", "--registry", "comics", "--json");
  expect(other.json.age.exceptions).toMatchObject([
    { kind: "plugin", name: "echo", hours: 0 },
    { kind: "registry", name: "comics", hours: 72 },
  ]);
  await installs("set", "age=default", "--registry", "comics");
  const { json } = await installs("set", "age=default", "--plugin", "echo", "--json");
  expect(json.age.exceptions).toEqual([]);
});

test.each([
  [["set", "age"], "age sets nothing."],
  [["set", "age=soon"], "soon is no time."],
  [["set", "types=game"], "game is not known."],
  [["set", "unsigned=maybe"], "maybe is neither on nor off."],
  [["set", "colour=red"], "There is no rule colour."],
  [["set", "types=login", "--plugin", "echo"], "Only age can be set"],
])("%j is refused with the right form", async (argv, message) => {
  const { code, err } = await installs(...argv);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test("a plugin that is not allowed is refused with the command that changes the rule", async () => {
  await installs("set", "types=metadata");
  const { code, err } = await world.run("install", "echo");
  expect([code, err]).toEqual([1, expect.stringContaining("hitagi policy installs set types=")]);
  await installs("set", "types=any");
  expect((await world.run("install", "echo")).code).toBe(0);
});
