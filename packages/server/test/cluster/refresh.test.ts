import { describe, expect, test, vi } from "vitest";
import { clientOf } from "../store/redis/world.ts";
import { httpServer } from "../support/http-server.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { fixtureIndex } from "../support/registry-fixture.ts";
import { openNode } from "./open-node.ts";

describe.skipIf(withoutRedis)("a refresh that was suspended", () => {
  const redis = sharedRedis();

  const node = (db: number) => openNode(redis().address(db));

  test("for longer than its lock lives does not replace a newer index by an older one", async () => {
    const [slow, quick] = [await node(1), await node(1)];
    const indexOf = (day: number) =>
      JSON.stringify({ ...fixtureIndex([]), generated_at: `2026-01-0${day}T00:00:00Z` });
    const answers: ((body: string) => void)[] = [];
    const url = await httpServer((request, response) => {
      if (request.url?.endsWith("registry.head")) response.writeHead(404).end();
      else answers.push((body) => response.end(body));
    });
    const { id } = await slow.registries.create({ name: "r", provider: "cdn", url });
    const first = slow.catalog.refresh(id).catch((e: unknown) => e);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    await clientOf(redis(), 1).del(`HITAGI:LOCK:registry:${id}`);
    const second = quick.catalog.refresh(id);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.(indexOf(2));
    expect(await second).toMatchObject({ changed: true });
    answers[0]?.(indexOf(1));
    expect(await first).toMatchObject({ code: "LOCK_LOST" });
    expect((await quick.store.catalog.meta(id))?.generated_at).toBe("2026-01-02T00:00:00Z");
    expect(await slow.registries.get(id)).not.toHaveProperty("failure");
  });
});
