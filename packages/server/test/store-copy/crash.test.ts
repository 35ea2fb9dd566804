import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRedisStore } from "../../src/store/redis/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { moveBetween } from "../../src/store-copy/move.ts";
import { openEndpoint } from "../../src/store-copy/open.ts";
import { upTo } from "../store/contract/open.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { runRedis } from "../support/redis-process.ts";
import { bundleScript, startBundled } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { digests } from "./digests.ts";

const options = { readIndex: async () => undefined, holdMs: 1500, withoutBytes: true };
/** For a copy that is to end: its lock outlives the pauses of a busy machine. */
const patient = { ...options, holdMs: 30_000 };

const archive = (n: number) => ({
  ...{ id: String(n).padStart(40, "0"), file: `${n}.cbz`, title: `Title ${n}`, tags: "a, b", summary: "" },
  ...{ size: n, pages: 1, added: 1 },
});
const job = (id: number) => ({
  ...{ id, task: "t", args: [id], actor: { kind: "server" as const, key: null }, state: "finished" as const },
  ...{ priority: 0, notes: {}, error: null, result: { id }, attempts: 1, retries: 0 },
  ...{ created: id, started: id, finished: id + 1 },
});

/** A stopped server's store of some pages of each kind. */
const filled = async (): Promise<string> => {
  const place = `sqlite:${path.join(await tempFolder(), "hitagi.db")}`;
  const { port, close } = await openEndpoint(place, "target", options);
  for (const at of upTo(7)) await port.kinds.archives.put(upTo(400).map((n) => archive(400 * at + n)));
  await port.kinds.jobs.put(upTo(1200).map((n) => job(n + 1)));
  const known = upTo(900).map((n) => ({ library: "http://there/", id: n === 0 ? "" : `${n}` }));
  await port.kinds.known.put(known);
  await port.kinds.counters.put([
    { name: "history", value: 7 },
    { name: "job", value: 2000 },
  ]);
  await close();
  return place;
};

const heldAt = async (place: string) => {
  const { port, close } = await openEndpoint(place, "source", options);
  return digests(port).finally(close);
};

/** Numbers below a bound, the same for the same seed. */
const seeded = (seed: number) => (below: number) => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
};

const redis = sharedRedis();
let last = 0;
const newRedis = (): string => redis().address(++last);
const newSqlite = async (): Promise<string> => `sqlite:${path.join(await tempFolder(), "hitagi.db")}`;

/** Opens a place as a server does, and closes it again. */
const start = async (place: string): Promise<void> => {
  const store = await (place.startsWith("sqlite:")
    ? openSqliteStore(place.slice("sqlite:".length))
    : openRedisStore(place));
  await store.close();
};

const killedAndDone = async (from: string, to: string, steps: readonly number[]): Promise<void> => {
  const bundle = await bundleScript(path.join(import.meta.dirname, "scripts/copy-store.ts"));
  for (const step of steps) {
    const copying = startBundled(bundle, [from, to, `${step}`]);
    expect(await copying.line()).toBe("stopped");
    await copying.kill();
    await expect(start(to)).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
  }
  await moveBetween(from, to, patient);
  await start(to);
  expect(await heldAt(to)).toEqual(await heldAt(from));
};

test.skipIf(withoutRedis)(
  "a copy into Redis that is killed three times goes on each time, and no server opens it before",
  async () => {
    const random = seeded(20_261_122);
    const steps = upTo(3).map(() => random(6));
    await killedAndDone(await filled(), newRedis(), steps);
  },
);

test.skipIf(withoutRedis)(
  "a copy back into SQLite that is killed does, too, also where it is killed while it compares",
  async () => {
    const middle = newRedis();
    await moveBetween(await filled(), middle, patient);
    await killedAndDone(middle, await newSqlite(), [3, 9]);
  },
);

test.skipIf(withoutRedis)("what changed in the source between two tries is in the copy", async () => {
  const [from, to] = [await filled(), newRedis()];
  const bundle = await bundleScript(path.join(import.meta.dirname, "scripts/copy-store.ts"));
  const copying = startBundled(bundle, [from, to, "7"]);
  expect(await copying.line()).toBe("stopped");
  await copying.kill();
  const store = await openSqliteStore(from.slice("sqlite:".length));
  await store.archives.delete(archive(3).id);
  await store.archives.update(archive(4).id, { title: "New", file: "renamed.cbz" });
  await store.close();
  await moveBetween(from, to, patient);
  expect(await heldAt(to)).toEqual(await heldAt(from));
  const moved = await openRedisStore(to);
  onTestFinished(() => moved.close());
  expect(await moved.archives.add({ ...archive(4), id: "f".repeat(40) })).toBe(true);
});

test.skipIf(withoutRedis)(
  "a Redis that dies in the middle fails it, and it goes on when it is back",
  async () => {
    const folder = await tempFolder();
    const keeping = ["--appendonly", "yes", "--appendfsync", "always"];
    const first = await runRedis(folder, keeping);
    onTestFinished(first.kill);
    const [from, to] = [await filled(), first.address(2)];
    let step = 0;
    const cut = moveBetween(from, to, { ...options, onStep: () => step++ === 4 && void first.kill() });
    await expect(cut).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    const second = await runRedis(folder, keeping);
    onTestFinished(second.kill);
    await expect(start(to)).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
    await moveBetween(from, to, patient);
    expect(await heldAt(to)).toEqual(await heldAt(from));
  },
);
