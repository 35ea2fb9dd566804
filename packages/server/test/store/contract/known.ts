import { expect, test } from "vitest";
import { fresh, type OpenStore, upTo } from "./open.ts";

const idOf = (n: number): string => n.toString(16).padStart(40, "0");

export const knownContract = (open: OpenStore): void => {
  test("an unknown library differs from an empty one", async () => {
    const { store, reopen } = await fresh(open);
    expect(await store.known.of("https://a.example/")).toBeUndefined();
    await store.known.change("https://a.example/", [], []);
    expect(await store.known.of("https://a.example/")).toEqual(new Set());
    expect(await store.known.of("https://b.example/")).toBeUndefined();
    expect(await (await reopen()).known.of("https://a.example/")).toEqual(new Set());
  });

  test("archives are added and removed once, and each library has its own", async () => {
    const { store, reopen } = await fresh(open);
    await store.known.change("one", [idOf(1), idOf(2)], []);
    await store.known.change("two", [idOf(1)], []);
    await store.known.change("one", [idOf(2), idOf(3)], [idOf(1), idOf(9)]);
    const again = await reopen();
    expect(await again.known.of("one")).toEqual(new Set([idOf(2), idOf(3)]));
    expect(await again.known.of("two")).toEqual(new Set([idOf(1)]));
  });

  test("many are noted at once", async () => {
    const { store } = await fresh(open);
    const many = upTo(20_000).map(idOf);
    await store.known.change("one", many, []);
    expect((await store.known.of("one"))?.size).toBe(20_000);
    await store.known.change("one", [], many);
    expect(await store.known.of("one")).toEqual(new Set());
  });
};
