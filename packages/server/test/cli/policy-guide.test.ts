import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "./cli-world.ts";
import { guideCommands } from "./guide-commands.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const runAll = async (heading: string): Promise<string[]> => {
  const outputs: string[] = [];
  for (const argv of guideCommands(heading)) {
    const { code, out, err } = await world.run(...argv);
    expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
    outputs.push(out);
  }
  return outputs;
};

test("the guide's commands for the field policy run as they stand", async () => {
  expect((await runAll("What plugins may change")).length).toBe(4);
  const { rules } = (await world.run("policy", "fields", "show", "--json")).json;
  expect(rules.map(({ plugin, field }: { plugin: string; field: string }) => `${plugin} ${field}`)).toEqual([
    ...["null title", "null summary", "null tags:date_added"],
    ...["comic-info tags", "comic-info tags:artist"],
  ]);
});

test("the guide's commands for tag rules run as they stand, and have the effects that its table says", async () => {
  const [, tried = "", undone] = await runAll("Tag rules");
  expect(tried).toContain("Tags: parody:one piece, english, various artists");
  expect(undone).toContain("There are no tag rules.");
});
