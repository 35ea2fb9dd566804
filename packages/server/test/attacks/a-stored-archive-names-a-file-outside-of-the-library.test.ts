import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { cbz } from "../library/cbz.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { onRedis, onSqlite, type StoredWorld, upload } from "../support/stored-records.ts";

const redis = sharedRedis();

/** Two archives in the library; their ids by name. */
const fill = async (world: StoredWorld): Promise<Map<string, string>> => {
  const { address, stop } = await world.serve();
  const ids = new Map<string, string>();
  for (const name of ["good", "victim"]) ids.set(name, await upload(address, `${name}.cbz`, cbz(name)));
  await stop();
  return ids;
};

/** The file that the record names is neither served nor removed; everything else works; the owner is told. */
const expectRefused = async (world: StoredWorld, ids: ReadonlyMap<string, string>, secret: string) => {
  const [good = "", victim = ""] = [ids.get("good"), ids.get("victim")];
  for (const start of [1, 2]) {
    const server = await world.serve();
    const listed = await server.client.listArchives({});
    expect(
      listed.map(({ title }) => title),
      `start ${start}`,
    ).toEqual(["good"]);
    for (const call of ["getArchiveMetadata", "listPages", "downloadArchive", "deleteArchive"] as const) {
      await expect(server.client[call]({ params: { id: victim } }), call).rejects.toMatchObject({
        status: 404,
      });
    }
    expect(await server.client.getArchiveMetadata({ params: { id: good } })).toMatchObject({ title: "good" });
    expect(server.told()).toHaveLength(1);
    expect(server.told()[0]).toContain(victim);
    const findings = await world.doctor(server.address);
    expect(findings).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/is left out: .*: file has a form/) }),
    ]);
    expect(findings[0]?.hint).toContain(victim);
    await server.stop();
  }
  expect(await world.doctor()).toHaveLength(1);
  expect(await readFile(secret, "utf8")).toBe("secret");
  expect((await stat(secret)).nlink).toBe(1);
};

/** Names of a file beside the library: up from it, and absolute. */
const namesOf = ({ library }: StoredWorld, secret: string): string[] => [
  path.relative(library, secret),
  `x/../${path.relative(library, secret)}`,
  secret,
];

test("in SQLite it is neither served nor deleted", async () => {
  const world = await onSqlite();
  const ids = await fill(world);
  const secret = path.join(world.data, "secret.cbz");
  await writeFile(secret, "secret");
  for (const name of namesOf(world, secret)) {
    world.change("UPDATE archives SET file = ? WHERE id = ?", name, ids.get("victim") ?? "");
    await expectRefused(world, ids, secret);
  }
});

test.skipIf(withoutRedis)("in Redis it is neither served nor deleted", async () => {
  const world = await onRedis(redis(), 3);
  const ids = await fill(world);
  const secret = path.join(world.data, "secret.cbz");
  await writeFile(secret, "secret");
  const victim = ids.get("victim") ?? "";
  const record = JSON.parse((await world.redis.hget("HITAGI:ARCHIVES", victim)) ?? "");
  for (const file of [...namesOf(world, secret), `victim.cbz\0/../../secret.cbz`]) {
    await world.redis.hset("HITAGI:ARCHIVES", victim, JSON.stringify({ ...record, file }));
    await expectRefused(world, ids, secret);
    expect(JSON.parse((await world.redis.hget("HITAGI:ARCHIVES", victim)) ?? "")).toEqual({
      ...record,
      file,
    });
  }
});
