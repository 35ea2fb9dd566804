import path from "node:path";
import { expect, test } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { onRedis } from "../support/stored-records.ts";

const redis = sharedRedis();

test.skipIf(withoutRedis)(
  "a cached index without a number of its generation hides itself only, and reading it ends",
  async () => {
    const world = await onRedis(redis(), 5);
    const { address, client } = await world.serve();
    const ids: string[] = [];
    for (const name of ["good", "victim"]) {
      const url = path.join(world.data, name);
      const source = pluginText(name, "1.0.0", "script", 'run: () => "ran",');
      const plugin = { namespace: name, type: "script" as const, versions: [{ version: "1.0.0", source }] };
      await writeRegistry(url, [plugin]);
      const { id } = await client.createRegistry({ body: { name, provider: "local", path: url } });
      await client.refreshRegistry({ params: { id } });
      ids.push(id);
    }
    const key = `HITAGI:INDEX:${ids[1]?.slice("REG_".length)}`;
    for (const generation of [undefined, "x"]) {
      if (generation === undefined) await world.redis.hdel(key, "generation");
      else await world.redis.hset(key, "generation", generation);
      const signal = AbortSignal.timeout(10_000);
      const { items } = await client.searchAvailable({ query: {}, signal });
      expect(items.map(({ namespace }) => namespace)).toEqual(["good"]);
      expect((await world.doctor(address)).map(({ text }) => text)).toEqual([expect.stringContaining(key)]);
    }
    // A refresh makes it anew.
    await client.refreshRegistry({ params: { id: ids[1] ?? "" } });
    const { items } = await client.searchAvailable({ query: {} });
    expect(items.map(({ namespace }) => namespace).sort()).toEqual(["good", "victim"]);
  },
);
