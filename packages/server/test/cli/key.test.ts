import { readFile, stat } from "node:fs/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

it("makes a key, lists it and revokes it", async () => {
  const made = await world.run("key", "add", "reader", "--scope", "read", "--expires", "30d");
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^hitagi_\w{16}_[\w-]{43}\n$/);
  expect(made.err).toMatch(/^reader has the scope read until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d\./);
  const key = made.out.trim();
  expect((await world.run("registry", "list", "--key", key)).code).toBe(0);
  const refused = await world.run("registry", "refresh", "--key", key);
  expect(refused.code).toBe(1);
  const denied = await world.run("key", "list", "--key", key);
  expect(denied.code).toBe(1);
  expect(denied.err).toBe(
    "error: This call needs a key with the scope manage. The key reader has the scope read.\n" +
      "hint: Use another key, or make one with `hitagi key add <name> --scope manage`.\n",
  );
  const { out } = await world.run("key", "list");
  expect(out).toMatch(/^NAME +SCOPE +CREATED +EXPIRES +LAST USED\nreader +read /);
  expect(out).not.toContain(key);
  expect((await world.run("key", "revoke", "reader", "--yes")).out).toBe("The key reader was revoked.\n");
  expect((await world.run("registry", "list", "--key", key)).code).toBe(1);
});

it("replaces the own key of the server, and commands on its machine use the new one", async () => {
  const { file, key: before } = world.server.apiKey;
  const rotated = await world.run("key", "rotate", "--yes");
  expect([rotated.code, rotated.err]).toEqual([0, expect.stringContaining("The old key is refused.")]);
  const key = rotated.out.trim();
  expect(await readFile(file ?? "", "utf8")).toBe(key);
  expect((await stat(file ?? "")).mode & 0o777).toBe(0o600);
  expect((await world.run("key", "list")).code).toBe(0);
  const refused = await world.run("key", "list", "--key", before);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("key")]);
  const { out } = await world.run("history", "--subject", "api-key");
  expect(out).toMatch(/rotate_key +key api-key +ok/);
  expect(out).not.toContain(key);
});

it("does not replace a key that is configured with HITAGI_API_KEY", async () => {
  const own = await openCliWorld({ apiKey: "configured" });
  onTestFinished(() => own.close());
  const refused = await own.run("key", "rotate", "--yes", "--key", "configured");
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("HITAGI_API_KEY")]);
  expect((await own.run("key", "list", "--key", "configured")).code).toBe(0);
});

it.each(["tomorrow", "30", "30y", "2027-13-01", "-5d"])("refuses %s as a time", async (text) => {
  const ran = await world.run("key", "add", "x", "--scope", "read", "--expires", text);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("Use a form like");
});

it("accepts a date, and refuses one in the past", async () => {
  const { json } = await world.run(
    "key",
    "add",
    "until",
    "--scope",
    "use",
    "--expires",
    "2099-01-31",
    "--json",
  );
  expect(json).toMatchObject({ name: "until", scope: "use", expires: Date.UTC(2099, 0, 31) / 1000 });
  const past = await world.run("key", "add", "past", "--scope", "use", "--expires", "2001-01-31");
  expect(past.code).toBe(1);
  expect(past.err).toContain("It is in the past.");
});
