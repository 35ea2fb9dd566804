import { afterAll, beforeAll, expect, it } from "vitest";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await world.run("key", "add", "one", "--scope", "read");
  await world.run("key", "add", "two", "--scope", "read");
  await world.run("key", "revoke", "nobody", "--yes");
});
afterAll(() => world.close());

it("shows actors and actions as a table, newest first", async () => {
  const { out } = await world.run("history");
  const [head, ...rows] = out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s{2,}/));
  expect(head).toEqual(["TIME", "WHO", "ACTION", "SUBJECT", "OUTCOME", "TOOK", "JOB"]);
  expect(rows.map((r) => [r[1], r[2], r[3], r[4], r[6]])).toEqual([
    ["api-key (cli)", "revoke_key", "key nobody", "KEY_NOT_FOUND", "-"],
    ["api-key (cli)", "create_key", "key two", "ok", "-"],
    ["api-key (cli)", "create_key", "key one", "ok", "-"],
  ]);
});

it("is filtered and paged", async () => {
  expect((await world.run("history", "--outcome", "failed", "--json")).json).toMatchObject({ total: 1 });
  expect((await world.run("history", "--subject", "one", "--since", "1h", "--json")).json.items).toHaveLength(
    1,
  );
  expect((await world.run("history", "--until", "1h")).out).toBe("No matching entries.\n");
  const page = await world.run("history", "--size", "2");
  expect(page.err).toBe("2 of 3. For the next page, use --page 2.\n");
});

it("prints all as JSON lines", async () => {
  const { out } = await world.run("history", "--jsonl", "--action", "create_key");
  const entries = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(entries.map((e) => e.subject.id)).toEqual(["two", "one"]);
});
