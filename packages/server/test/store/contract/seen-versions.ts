import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore } from "./open.ts";

const fields = { name: "r", provider: "local" as const, path: "/srv/r" };
const lines = Buffer.from("echo\t1.0.0\tabc\t1\n");

/** What a store does with the versions that registries have offered. */
export const seenVersionContract = (open: OpenStore): void => {
  const opened = async () => {
    const { store, reopen } = await fresh(open);
    const { id } = await store.registries.create(fields, NOW);
    await store.seenVersions.put(id, lines);
    return { store, reopen, id };
  };

  test("the lines of a registry survive a restart, and the last ones count", async () => {
    const { store, reopen, id } = await opened();
    const { id: other } = await store.registries.create(fields, NOW);
    const more = Buffer.concat([lines, lines]);
    await store.seenVersions.put(id, more);
    const again = await reopen();
    expect(await again.seenVersions.get(id)).toEqual(more);
    expect(await again.seenVersions.get(other)).toBeUndefined();
  });

  test("a change of the registry's name keeps them, and a change of its source removes them", async () => {
    const { store, id } = await opened();
    await store.registries.update(id, { ...fields, name: "other" }, false, NOW);
    expect(await store.seenVersions.get(id)).toEqual(lines);
    await store.registries.update(id, { ...fields, path: "/srv/other" }, true, NOW);
    expect(await store.seenVersions.get(id)).toBeUndefined();
  });

  test("they go with the registry, and none are added to a registry that is gone", async () => {
    const { store, id } = await opened();
    await store.registries.delete(id);
    expect(await store.seenVersions.get(id)).toBeUndefined();
    await store.seenVersions.put(id, lines);
    expect(await store.seenVersions.get(id)).toBeUndefined();
  });
};
