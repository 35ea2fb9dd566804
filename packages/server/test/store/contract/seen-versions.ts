import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore } from "./open.ts";

const fields = { name: "r", provider: "local" as const, path: "/srv/r" };
const lines = Buffer.from("echo\t1.0.0\tabc\t1\n");
const more = Buffer.from("echo\t1.1.0\tabc\t2\n");

/** What a store does with the versions that registries have offered. */
export const seenVersionContract = (open: OpenStore): void => {
  const opened = async () => {
    const { store, reopen } = await fresh(open);
    const { id } = await store.registries.create(fields, NOW);
    await store.seenVersions.add(id, lines);
    const linesOf = async (registry = id) => Buffer.concat(await store.seenVersions.get(registry)).toString();
    return { store, reopen, id, linesOf };
  };

  test("the lines of a registry survive a restart in their order, and replaced ones do not", async () => {
    const { store, reopen, id, linesOf } = await opened();
    const { id: other } = await store.registries.create(fields, NOW);
    await store.seenVersions.add(id, more);
    await store.seenVersions.add(other, more);
    expect(await linesOf()).toBe(`${lines}${more}`);
    await store.seenVersions.replace(other, lines);
    const again = await reopen();
    expect(Buffer.concat(await again.seenVersions.get(id)).toString()).toBe(`${lines}${more}`);
    expect(Buffer.concat(await again.seenVersions.get(other)).toString()).toBe(`${lines}`);
  });

  test("many lines are read in pieces of whole lines", async () => {
    const { store, id, linesOf } = await opened();
    const many = Array.from({ length: 20_000 }, (_, n) => `echo\t1.0.${n}\t${"a".repeat(150)}\t1\n`).join("");
    await store.seenVersions.add(id, Buffer.from(many));
    const pieces = await store.seenVersions.get(id);
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(1024 * 1024);
      expect(piece.at(-1)).toBe(0x0a);
    }
    expect(await linesOf()).toBe(`${lines}${many}`);
    await store.seenVersions.replace(id, Buffer.from(many));
    expect(await linesOf()).toBe(many);
  });

  test("a change of the registry's name keeps them, and a change of its source removes them", async () => {
    const { store, id, linesOf } = await opened();
    await store.registries.update(id, { ...fields, name: "other" }, false, NOW);
    expect(await linesOf()).toBe(`${lines}`);
    await store.registries.update(id, { ...fields, path: "/srv/other" }, true, NOW);
    expect(await linesOf()).toBe("");
  });

  test("they go with the registry, and none are added to a registry that is gone", async () => {
    const { store, id, linesOf } = await opened();
    await store.registries.delete(id);
    expect(await linesOf()).toBe("");
    await store.seenVersions.add(id, lines);
    await store.seenVersions.replace(id, lines);
    expect(await linesOf()).toBe("");
  });
};
