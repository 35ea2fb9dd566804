import { expect, test } from "vitest";
import { pagesOfArchives } from "../../../src/store/archive-pages.ts";
import type { ArchiveRecord } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const archive = (changes: Partial<ArchiveRecord> = {}): ArchiveRecord => ({
  id: "a".repeat(40),
  file: "one/第1巻.cbz",
  title: "One",
  tags: "artist:someone, 日本",
  summary: "",
  size: 5_000_000_000,
  pages: 20,
  added: NOW,
  ...changes,
});
const other = archive({ id: "b".repeat(40), file: "two.cbz" });

export const archiveContract = (open: OpenStore): void => {
  test("an archive is read back as it was added, in the order of adding", async () => {
    const { store, reopen } = await fresh(open);
    expect(await store.archives.add(other)).toBe(true);
    const scanned = archive({ modified: 1_700_000_000_123 });
    expect(await store.archives.add(scanned)).toBe(true);
    const again = await reopen();
    expect(await again.archives.get(archive().id)).toEqual(scanned);
    expect(await again.archives.list()).toEqual([other, scanned]);
    expect(await again.archives.count()).toBe(2);
    expect(await again.archives.get("c".repeat(40))).toBeUndefined();
  });

  test("an existing id or file is rejected and changes nothing", async () => {
    const { store } = await fresh(open);
    await store.archives.add(archive());
    expect(await store.archives.add({ ...other, id: archive().id })).toBe(false);
    expect(await store.archives.add({ ...other, file: archive().file })).toBe(false);
    expect(await store.archives.list()).toEqual([archive()]);
  });

  test("of a hundred additions of one archive, one adds it", async () => {
    const { store } = await fresh(open);
    const added = await Promise.all(upTo(100).map((i) => store.archives.add(archive({ file: `${i}.cbz` }))));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect((await store.archives.get(archive().id))?.file).toBe(`${added.indexOf(true)}.cbz`);
  });

  test("an update changes the fields that it names, also to empty values", async () => {
    const { store } = await fresh(open);
    await store.archives.add(archive());
    expect(await store.archives.update(archive().id, { title: "New", tags: "" })).toBe(true);
    expect(await store.archives.get(archive().id)).toEqual(archive({ title: "New", tags: "" }));
    expect(await store.archives.update(archive().id, { file: "moved.cbz", summary: "s" })).toBe(true);
    expect(await store.archives.get(archive().id)).toMatchObject({
      file: "moved.cbz",
      summary: "s",
      tags: "",
    });
    expect(await store.archives.update(archive().id, { size: 0, pages: 7, modified: 1.7e12 })).toBe(true);
    const { title, size, pages, modified } = (await store.archives.get(archive().id)) ?? {};
    expect([title, size, pages, modified]).toEqual(["New", 0, 7, 1.7e12]);
  });

  test("an update of an unknown archive, or to another one's file, is rejected", async () => {
    const { store } = await fresh(open);
    await store.archives.add(archive());
    await store.archives.add(other);
    expect(await store.archives.update("c".repeat(40), { title: "x" })).toBe(false);
    expect(await store.archives.update(other.id, { title: "x", file: archive().file })).toBe(false);
    expect(await store.archives.get(other.id)).toEqual(other);
  });

  test("a deletion happens once", async () => {
    const { store } = await fresh(open);
    await store.archives.add(archive());
    expect(await store.archives.delete(archive().id)).toBe(true);
    expect(await store.archives.delete(archive().id)).toBe(false);
    expect(await store.archives.count()).toBe(0);
    expect(await store.archives.add(archive())).toBe(true);
  });

  test("some archives are read with their places, which grow as they were added", async () => {
    const { store } = await fresh(open);
    for (const one of [other, archive()]) await store.archives.add(one);
    const found = await store.archives.some([archive().id, "c".repeat(40), other.id]);
    const inOrder = found.toSorted((a, b) => a.place - b.place);
    expect(inOrder.map((one) => one.archive)).toEqual([other, archive()]);
    expect(inOrder[0]?.place).toBeLessThan(inOrder[1]?.place ?? 0);
    expect(await store.archives.some([])).toEqual([]);
  });

  test("the pages have each archive once, in its place", async () => {
    const { store } = await fresh(open);
    const all = upTo(600).map((n) => archive({ id: `${n}`.padStart(40, "0"), file: `${n}.cbz` }));
    await Promise.all(all.map((one) => store.archives.add(one)));
    const placed = [];
    for await (const page of pagesOfArchives(store.archives)) placed.push(...page);
    expect(placed.map((one) => one.archive)).toEqual(await store.archives.list());
    expect(placed.map(({ place }) => place)).toEqual(
      placed.map(({ place }) => place).toSorted((a, b) => a - b),
    );
    expect(placed).toHaveLength(600);
  });

  test("the changes since a position name what was added, changed and deleted, and nothing that failed", async () => {
    const { store } = await fresh(open);
    const { position, ids } = await store.archives.changes();
    expect(ids ?? []).toEqual([]);
    await store.archives.add(archive());
    const added = await store.archives.changes((await store.archives.changes(position)).position);
    expect(added.ids).toEqual([]);
    await store.archives.add(other);
    await store.archives.add(other);
    await store.archives.update(archive().id, { title: "New" });
    await store.archives.update(other.id, { file: archive().file });
    await store.archives.delete(other.id);
    await store.archives.delete(other.id);
    const changed = await store.archives.changes(added.position);
    expect(changed.ids).toEqual([other.id, archive().id, other.id]);
    expect((await store.archives.changes(changed.position)).ids).toEqual([]);
  });

  test("after more changes than are remembered, any archive may have changed", async () => {
    const { store } = await fresh(open);
    const all = upTo(40).map((n) => archive({ id: `${n}`.padStart(40, "0"), file: `${n}.cbz` }));
    await Promise.all(all.map((one) => store.archives.add(one)));
    const { position } = await store.archives.changes();
    for (const n of upTo(110)) {
      const changes = { title: `${n}` };
      await Promise.all(all.map(({ id }) => store.archives.update(id, changes, "relaxed")));
    }
    expect((await store.archives.changes(position)).ids).toBeUndefined();
  });
};
