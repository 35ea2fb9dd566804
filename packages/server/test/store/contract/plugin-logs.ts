import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { StoredLine } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

type NewLine = Omit<StoredLine, "id">;

const [A, B] = [toNamespace("a-plugin"), toNamespace("b_plugin")];
const KEEP = { bytes: 1_000_000, since: NOW - 1000 };

const line = (more: Partial<NewLine> = {}): NewLine => ({
  plugin: A,
  time: NOW + 0.125,
  level: "info",
  text: "käse: 'a\"b' ⏳\n  second line",
  call: "c1",
  job: 3,
  archive: { id: "0".repeat(40), title: "A title" },
  node: "nas",
  ...more,
});

const withoutPlugin = ({ plugin: _, ...rest }: NewLine) => rest;

export const pluginLogContract = (open: OpenStore): void => {
  test("lines are read back as they were written, by plugin, from either end", async () => {
    const { store, reopen } = await fresh(open);
    const written = [
      line(),
      line({ plugin: B, call: null, job: null, archive: null }),
      line({ level: "error" }),
    ];
    await store.pluginLogs.add(written, KEEP);
    const { pluginLogs } = await reopen();
    const [one, two] = await pluginLogs.first(A, {}, 9);
    expect([one, two]).toEqual([
      { ...withoutPlugin(line()), id: expect.any(Number) },
      { ...withoutPlugin(line({ level: "error" })), id: expect.any(Number) },
    ]);
    expect(await pluginLogs.last(A, {}, 9)).toEqual([two, one]);
    expect(await pluginLogs.last(A, {}, 1)).toEqual([two]);
    expect(await pluginLogs.first(B, {}, 9)).toHaveLength(1);
    expect(await pluginLogs.first(toNamespace("other"), {}, 9)).toEqual([]);
  });

  test("a range leaves out its ends", async () => {
    const { store } = await fresh(open);
    await store.pluginLogs.add(
      upTo(5).map((n) => line({ text: String(n) })),
      KEEP,
    );
    const ids = (await store.pluginLogs.first(A, {}, 9)).map(({ id }) => id);
    const [, after = 0, , before = 0] = ids;
    const texts = (lines: { text: string }[]) => lines.map(({ text }) => text);
    expect(texts(await store.pluginLogs.first(A, { after, before }, 9))).toEqual(["2"]);
    expect(texts(await store.pluginLogs.first(A, { after }, 2))).toEqual(["2", "3"]);
    expect(texts(await store.pluginLogs.last(A, { before }, 2))).toEqual(["2", "1"]);
  });

  test("the newest bytes of each plugin are kept, and positions go on", async () => {
    const { store } = await fresh(open);
    const text = "x".repeat(10_000);
    await store.pluginLogs.add([line({ plugin: B })], KEEP);
    const ids: number[] = [];
    for (const n of upTo(6)) {
      await store.pluginLogs.add([line({ text: `${n}${text}` })], { ...KEEP, bytes: 30_000 });
      ids.push((await store.pluginLogs.last(A, {}, 1))[0]?.id ?? 0);
    }
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    const kept = await store.pluginLogs.first(A, {}, 9);
    expect(kept.map((one) => one.text[0])).toEqual(["3", "4", "5"]);
    expect(await store.pluginLogs.first(B, {}, 9)).toHaveLength(1);
  });

  test("old lines go when their plugin logs again", async () => {
    const { store } = await fresh(open);
    await store.pluginLogs.add([line({ time: NOW - 50, text: "old" }), line({ text: "new" })], KEEP);
    await store.pluginLogs.add([line({ text: "newer" })], { ...KEEP, since: NOW - 10 });
    const kept = await store.pluginLogs.first(A, {}, 9);
    expect(kept.map(({ text }) => text)).toEqual(["new", "newer"]);
  });
};
