import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { bearer } from "../http/test-server.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const statusWith = async (key: string): Promise<number> => {
  const response = await fetch(`${world.server.address}/api/registries`, { headers: bearer(key) });
  await response.arrayBuffer();
  return response.status;
};

test("a right key is accepted while another program of the same address guesses", async () => {
  const { key } = world.server.apiKey;
  const named = await world.run("key", "add", "reader", "--scope", "read", "--json");
  const guesses = Array.from({ length: 30 }, (_, n) => statusWith(`guess ${n}`));
  const statuses = await Promise.all(guesses);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  expect(await statusWith(key)).toBe(200);
  expect(await statusWith(named.json.key)).toBe(200);
});

test("a guess beyond the limit is answered later than a right key that is sent after it", async () => {
  const order: string[] = [];
  const guess = statusWith("one more guess").then(() => order.push("guess"));
  await statusWith(world.server.apiKey.key).then(() => order.push("right"));
  await guess;
  expect(order).toEqual(["right", "guess"]);
});
