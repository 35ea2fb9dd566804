import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { COPY_NAME, fresh, NOW, type OpenStore, upTo } from "./open.ts";

const archive = (n: number) => ({
  id: String(n).padStart(40, "0"),
  file: `${n}.cbz`,
  title: "",
  tags: "",
  summary: "x".repeat(500),
  size: 1,
  pages: 1,
  added: NOW,
});

export const wholeContract = (open: OpenStore): void => {
  test("the check of an open store passes; a closed one fails and can be closed again", async () => {
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

export const copyContract = (open: OpenStore): void => {
  test("a copy during writes has all earlier changes, and each later one completely or not at all", async () => {
    const { store } = await fresh(open);
    const { id, updated } = await store.registries.create({ name: "r", provider: "local", path: "/r" }, NOW);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: NOW, plugins: 0 };
    await store.catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    for (const n of upTo(500)) await store.archives.add(archive(n));
    let copying = true;
    const writing = (async () => {
      for (let n = 500; copying; n++) {
        await store.archives.add(archive(n));
        await setImmediate();
      }
    })();
    const place = await tempFolder();
    await store.copy(path.join(place, COPY_NAME));
    copying = false;
    await writing;
    // A copy is a SQLite file for each driver.
    const copy = await openSqliteStore(path.join(place, COPY_NAME));
    onTestFinished(() => copy.close());
    const files = (await copy.archives.list()).map((a) => a.file);
    expect(files.length).toBeGreaterThanOrEqual(500);
    expect(files).toEqual(upTo(files.length).map((n) => archive(n).file));
    expect((await copy.catalog.document(id))?.toString()).toBe("{}");
    expect(await copy.faults()).toEqual([]);
    await store.archives.add({ ...archive(1), id: "f".repeat(40), file: "later.cbz" });
    expect((await copy.archives.list()).some((a) => a.file === "later.cbz")).toBe(false);
  });
};
