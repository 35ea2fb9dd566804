import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { cbz } from "../library/cbz.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { onRedis, onSqlite, type StoredWorld, upload } from "../support/stored-records.ts";

const redis = sharedRedis();

/** Two archives in the library; their ids by name. */
const fill = async (world: StoredWorld): Promise<Map<string, string>> => {
  const { client, stop } = await world.serve();
  const ids = new Map<string, string>();
  for (const name of ["good", "victim"]) ids.set(name, await upload(client, `${name}.cbz`, cbz(name)));
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

type NameOf = (up: string, secret: string) => string;

/** Names of a file beside the library. */
const names: [description: string, NameOf][] = [
  ["up from the library", (up) => up],
  ["up from a folder in it", (up) => `x/../${up}`],
  ["an absolute path", (_, secret) => secret],
];

/** Makes a world with two archives, and a file beside its library. */
const prepare = async (world: StoredWorld, nameOf: NameOf) => {
  const ids = await fill(world);
  const secret = path.join(world.data, "secret.cbz");
  await writeFile(secret, "secret");
  const victim = ids.get("victim") ?? "";
  return { ids, secret, victim, file: nameOf(path.relative(world.library, secret), secret) };
};

test.each(names)("in SQLite it is neither served nor deleted: %s", async (_, nameOf) => {
  const world = await onSqlite();
  const { ids, secret, victim, file } = await prepare(world, nameOf);
  world.change("UPDATE archives SET file = ? WHERE id = ?", file, victim);
  await expectRefused(world, ids, secret);
});

test
  .skipIf(withoutRedis)
  .each<[string, NameOf]>([...names, ["a name that is cut at a NUL", () => "victim.cbz\0/../../secret.cbz"]])(
  "in Redis it is neither served nor deleted: %s",
  async (_, nameOf) => {
    const world = await onRedis(redis(), 3);
    const { ids, secret, victim, file } = await prepare(world, nameOf);
    const record = JSON.parse((await world.redis.hget("HITAGI:ARCHIVES", victim)) ?? "");
    await world.redis.hset("HITAGI:ARCHIVES", victim, JSON.stringify({ ...record, file }));
    await expectRefused(world, ids, secret);
    expect(JSON.parse((await world.redis.hget("HITAGI:ARCHIVES", victim)) ?? "")).toEqual({
      ...record,
      file,
    });
  },
);
