import { expect, test } from "vitest";
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
};
