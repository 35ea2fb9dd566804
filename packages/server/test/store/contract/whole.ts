import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore } from "./open.ts";

export const wholeContract = (open: OpenStore): void => {
  test("an open store is well; a closed one says so and can be closed again", async () => {
    const { store } = await fresh(open);
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
    await store.close();
    await expect(store.check()).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(store.registries.list()).rejects.toMatchObject({ code: "STORE_FAILED" });
    const replaced = store.catalog.replace(
      "REG_0000000001",
      0,
      { generated_at: "", refreshed: 0, plugins: 0 },
      Buffer.alloc(0),
      [],
    );
    await expect(replaced).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("closing waits for an index that is being written", async () => {
    const { store, reopen } = await fresh(open);
    const { id, updated } = await store.registries.create({ name: "r", provider: "local", path: "/r" }, NOW);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: NOW, plugins: 0 };
    const replaced = store.catalog.replace(id, updated, meta, Buffer.alloc(0), []);
    const again = await reopen();
    await replaced;
    expect(await again.catalog.meta(id)).toEqual(meta);
  });
};
