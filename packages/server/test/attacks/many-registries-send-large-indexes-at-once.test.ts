import { writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { expect, test } from "vitest";
import { MAX_LARGE, MAX_SMALL } from "../../src/catalog/index-memory.ts";
import { createProbe } from "../../src/catalog/probe.ts";
import { createRefreshAll } from "../../src/catalog/refresh-all.ts";
import { openWorld } from "../catalog/world.ts";
import { aroundFetch } from "../support/around-fetch.ts";
import { httpServer } from "../support/http-server.ts";
import { largeIndex } from "../support/large-index.ts";
import { sourceDeps } from "../support/source-deps.ts";

/** A registry that is not signed. */
const withoutHead =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    request.url?.endsWith("registry.head") ? response.writeHead(404).end() : listener(request, response);

const large = Buffer.from(JSON.stringify(largeIndex(600, 5)));

/** Opens a world that counts the large indexes in memory: from their fetch until another thread has taken over their bytes. */
const countingWorld = async () => {
  const held = new Set<Buffer>();
  const count = { most: 0, fetched: 0 };
  const around = aroundFetch((fetch) => async (...given) => {
    const fetched = await fetch(...given);
    for (const bytes of held) if (bytes.length === 0) held.delete(bytes);
    if (fetched.changed && fetched.bytes.length > MAX_SMALL) {
      held.add(fetched.bytes);
      count.fetched += 1;
    }
    count.most = Math.max(count.most, held.size);
    return fetched;
  });
  return { world: await openWorld({ around, timeoutMs: 60_000 }), count };
};

test("of 32 large indexes that are refreshed at once, only a few are in memory", async () => {
  const { world, count } = await countingWorld();
  const address = await httpServer(withoutHead((_, response) => void response.end(large)));
  for (let n = 0; n < 16; n++) {
    const { folder } = await world.addLocal(`local-${n}`);
    await writeFile(path.join(folder, "registry.json"), large);
    await world.registries.create({ name: `web-${n}`, provider: "cdn", url: `${address}/${n}` });
  }
  const outcomes = await createRefreshAll(world)();
  expect(outcomes.map(({ plugins }) => plugins)).toEqual(Array.from({ length: 32 }, () => 600));
  expect(count.fetched).toBe(32);
  expect(count.most).toBeLessThanOrEqual(MAX_LARGE);
});

test("of many large indexes that are tried at once, only a few are in memory", async () => {
  const { world, count } = await countingWorld();
  const address = await httpServer(withoutHead((_, response) => void response.end(large)));
  const { forges } = sourceDeps(undefined as never, "");
  const probe = createProbe({ sources: world.sources, forges, timeoutMs: 60_000 });
  const found = await Promise.all(
    Array.from({ length: 12 }, (_, n) => probe({ address: `${address}/${n}/registry.json` })),
  );
  expect(found.map(({ plugins }) => plugins)).toEqual(Array.from({ length: 12 }, () => 600));
  expect(count.most).toBeLessThanOrEqual(MAX_LARGE);
});

test("a small index does not wait for large ones", async () => {
  const { world } = await countingWorld();
  const requests: string[] = [];
  let release = () => {};
  const stalled = new Promise<void>((resolve) => {
    release = resolve;
  });
  const address = await httpServer(
    withoutHead(async (request, response) => {
      requests.push(request.url ?? "");
      response.write(large);
      if (requests.filter((url) => url === request.url).length > 1) await stalled;
      response.end();
    }),
  );
  const slow = await Promise.all(
    Array.from({ length: 2 * MAX_LARGE }, async (_, n) => {
      const { id } = await world.registries.create({ name: `${n}`, provider: "cdn", url: `${address}/${n}` });
      return world.catalog.refresh(id);
    }).map((refreshing) => ({ refreshing })),
  );
  const { id, folder } = await world.addLocal();
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(largeIndex(3)));
  expect((await world.catalog.refresh(id)).changed).toBe(true);
  release();
  for (const { refreshing } of slow) expect((await refreshing).changed).toBe(true);
});
