import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

/** What a command says where it asks, without a terminal, with "no" and "yes" typed, and with --yes. */
const answers = async (argv: string[], undo: () => Promise<unknown>) => {
  const unasked = await world.run(...argv);
  const refused = await world.inTerminal("n\n", ...argv);
  const agreed = await world.inTerminal("y\n", ...argv);
  await undo();
  const forced = await world.run(...argv, "--yes");
  return { unasked, refused, agreed, forced };
};

describe("a registry on a host that looks like a known one", () => {
  const ids = async (): Promise<string[]> =>
    (await world.run("registry", "list", "--json")).json.map(({ id }: { id: string }) => id);

  test("is added only once its owner says so", async () => {
    await world.run("registry", "add", "https://plugins.example.org/comics", "--no-refresh");
    const [known] = await ids();
    const argv = ["registry", "add", "https://plugins.exarnple.org/comics", "--no-refresh"];
    const { unasked, refused, agreed, forced } = await answers(argv, async () => {
      for (const id of await ids()) if (id !== known) await world.run("registry", "remove", id, "--yes");
    });
    const question = "The host plugins.exarnple.org looks like plugins.example.org";
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining(question)]);
    expect(unasked.err).toContain("hint: Repeat the command with --yes to add it.");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("Add it? [y/N]")]);
    expect([agreed.code, forced.code, (await ids()).length]).toEqual([0, 0, 2]);
  });
});

describe("a plugin whose name looks like that of an installed one from elsewhere", () => {
  beforeAll(async () => {
    await writeRegistry(path.join(world.folder, "ours"), [offered("title-cleaner", ["1.0.0"])]);
    await writeRegistry(path.join(world.folder, "theirs"), [offered("title-c1eaner", ["1.0.0"])]);
    for (const folder of ["ours", "theirs"]) await world.run("registry", "add", `./${folder}`);
    expect((await world.run("install", "title-cleaner")).code).toBe(0);
  });

  test("is installed only once its owner says so", async () => {
    const { unasked, refused, agreed, forced } = await answers(["install", "title-c1eaner"], () =>
      world.run("uninstall", "title-c1eaner", "--yes"),
    );
    const question = "title-c1eaner has nearly the name of the installed plugin title-cleaner";
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining(question)]);
    expect(unasked.err).toContain("hint: Repeat the command with --yes to install it.");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("Install it? [y/N]")]);
    expect([agreed.code, forced.code]).toEqual([0, 0]);
    expect((await world.run("list", "--json")).json).toEqual(
      expect.arrayContaining([expect.objectContaining({ namespace: "title-c1eaner" })]),
    );
  });
});
