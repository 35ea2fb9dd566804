import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

/** No server has this port. */
const env = { HITAGI_PORT: "1" };

test("a key that is given goes to the server of the data folder that is named beside it", async () => {
  const data = path.join(world.folder, "data");
  const key = (await readFile(path.join(data, "api-key"), "utf8")).trim();
  const cwd = world.folder;
  const ran = [
    await runCaptured(["list", "--key", key], { cwd, env: { ...env, HITAGI_DATA: data } }),
    await runCaptured(["list"], { cwd, env: { ...env, HITAGI_DATA: data, HITAGI_API_KEY: key } }),
    await runCaptured(["list", "--key", key, "--data", "data"], { cwd, env }),
  ];
  expect(ran.map(({ code, err }) => [code, err])).toEqual([
    [0, ""],
    [0, ""],
    [0, ""],
  ]);
  const wrong = await runCaptured(["list", "--key", "wrong"], { cwd, env: { ...env, HITAGI_DATA: data } });
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("key")]);
});

test("a key that is given is not sent to a data folder that is not named", async () => {
  const { code } = await runCaptured(["list", "--key", "secret"], { cwd: world.folder, env });
  expect(code).toBe(3);
});
