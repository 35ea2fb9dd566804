import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const ran = async (...argv: string[]) => {
  const { code, out, err } = await world.run(...argv);
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return out;
};

test("all rules are in one table, each with the command that changes it, in 80 columns", async () => {
  const before = (await ran("policy", "show")).trimEnd().split("\n");
  expect(before.map((line) => line.split(/ {2,}/))).toEqual([
    ["RULE", "VALUE", "CHANGED BY"],
    ["age", "24h", "hitagi policy installs set age="],
    ["manual", "off", "hitagi policy installs set manual="],
    ["registries", "any", "hitagi policy installs set registries="],
    ["types", "any", "hitagi policy installs set types="],
    ["runtimes", "any", "hitagi policy installs set runtimes="],
    ["unsigned", "on", "hitagi policy installs set unsigned="],
    ["sideloaded", "on", "hitagi policy installs set sideloaded="],
    ["must be signed", "no registries", "hitagi policy signatures"],
    ["block lists", "no lists", "hitagi policy blocks"],
    ["automatic updates", "of no plugins", "hitagi policy updates"],
    ["fields", "no rules", "hitagi policy fields"],
    ["tags", "no rules", "hitagi policy tags"],
  ]);
  expect(Math.max(...before.map((line) => line.length))).toBeLessThanOrEqual(80);
  await ran("policy", "installs", "set", "age=48h", "sideloaded=off");
  await ran("policy", "signatures", "--require-all");
  await ran("policy", "updates", "hours", "02:00-05:00", "--zone", "Europe/Berlin");
  await ran("policy", "fields", "set", "title=if-empty");
  const after = await ran("policy", "show");
  for (const row of [/^age +48h /m, /^sideloaded +off /m, /^must be signed +all /m, /^fields +1 rule /m])
    expect(after).toMatch(row);
  expect(after).toMatch(/^automatic updates +of no plugins, 02:00 to 05:00 /m);
  const { json } = await world.run("policy", "show", "--json");
  expect(json).toMatchObject({
    installs: { age: { hours: 48 }, sideloaded: false },
    signatures: { requireAll: true },
    updates: { window: { from: "02:00" } },
  });
});
