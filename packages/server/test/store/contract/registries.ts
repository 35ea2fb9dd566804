import type { RegistryFields } from "@hitagi/contract";
import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const cdn: RegistryFields = { name: "Ägäis 漫画 🎴", provider: "cdn", url: "https://example.org/r" };
const local: RegistryFields = { name: "mine", provider: "local", path: "/srv/registry" };
const second = (id: string): number => Number(id.slice("REG_".length));

export const registryContract = (open: OpenStore): void => {
  test("a registry is read back as it was made, without absent fields", async () => {
    const { store, reopen } = await fresh(open);
    const made = await store.registries.create(cdn, NOW + 0.7);
    expect(made).toEqual({ id: `REG_${NOW}`, ...cdn, created: NOW, updated: NOW });
    expect(await (await reopen()).registries.get(made.id)).toEqual(made);
  });

  test("a registry is lenient only if it was made so, until it is made strict", async () => {
    const { store, reopen } = await fresh(open);
    const { id } = await store.registries.create({ ...cdn, lenient: true }, NOW);
    const strict = await store.registries.create({ ...cdn, lenient: false }, NOW);
    expect(strict).not.toHaveProperty("lenient");
    const again = await reopen();
    expect(await again.registries.get(id)).toMatchObject({ lenient: true });
    expect(await again.registries.update(id, cdn, false, NOW)).not.toHaveProperty("lenient");
  });

  test("a registry keeps whether its index is generated", async () => {
    const { store, reopen } = await fresh(open);
    const { id } = await store.registries.create({ ...local, generateIndex: true }, NOW);
    const plain = await store.registries.create({ ...local, generateIndex: false }, NOW);
    expect(plain).not.toHaveProperty("generateIndex");
    const again = await reopen();
    expect(await again.registries.get(id)).toMatchObject({ generateIndex: true });
    expect(await again.registries.update(id, local, false, NOW)).not.toHaveProperty("generateIndex");
  });

  test("an unknown id is undefined", async () => {
    const { store } = await fresh(open);
    expect(await store.registries.get("REG_0000000001")).toBeUndefined();
  });

  test("a hundred creations at once give distinct ids, none in the future", async () => {
    const { store } = await fresh(open);
    const made = await Promise.all(
      upTo(100).map((i) => store.registries.create({ ...cdn, name: `${i}` }, NOW)),
    );
    const ids = made.map((r) => r.id);
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => /^REG_\d{10}$/.test(id))).toBe(true);
    expect(Math.max(...ids.map(second))).toBe(NOW);
    expect(Math.min(...ids.map(second))).toBe(NOW - 99);
  });

  test("the list is oldest first; registries of one second are in the order of creation", async () => {
    const { store, reopen } = await fresh(open);
    for (const [name, at] of [
      ["c", NOW],
      ["a", NOW],
      ["b", NOW + 1],
      ["z", NOW - 50],
    ] as const) {
      await store.registries.create({ ...cdn, name }, at);
    }
    const names = async () => (await store.registries.list()).map((r) => r.name);
    expect(await names()).toEqual(["z", "c", "a", "b"]);
    const again = await reopen();
    expect((await again.registries.list()).map((r) => r.name)).toEqual(["z", "c", "a", "b"]);
  });

  test("an id is never given again", async () => {
    const { store, reopen } = await fresh(open);
    const first = await store.registries.create(cdn, NOW);
    await store.registries.delete(first.id);
    const again = await reopen();
    expect((await again.registries.create(cdn, NOW)).id).toBe(`REG_${NOW - 1}`);
  });

  test("an update replaces the fields and leaves none of the old ones", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create(cdn, NOW);
    const updated = await store.registries.update(id, local, false, NOW + 60);
    expect(updated).toEqual({ id, ...local, created: NOW, updated: NOW + 60 });
    expect(await store.registries.get(id)).toEqual(updated);
  });

  test("an update that drops the index shows in `updated` within the same second", async () => {
    const { store } = await fresh(open);
    const { id, updated } = await store.registries.create(cdn, NOW);
    const changed = await store.registries.update(id, local, true, NOW);
    expect(changed.updated).toBeGreaterThan(updated);
  });

  test("the default is set, replaced, cleared, and removed with its registry", async () => {
    const { store } = await fresh(open);
    const [a, b] = [await store.registries.create(cdn, NOW), await store.registries.create(local, NOW)];
    expect(await store.registries.getDefault()).toBeUndefined();
    expect(await store.registries.clearDefault()).toBeUndefined();
    await store.registries.setDefault(a.id);
    await store.registries.setDefault(b.id);
    expect(await store.registries.getDefault()).toBe(b.id);
    expect(await store.registries.clearDefault()).toBe(b.id);
    expect(await store.registries.getDefault()).toBeUndefined();
    await store.registries.setDefault(a.id);
    await store.registries.delete(a.id);
    expect(await store.registries.getDefault()).toBeUndefined();
  });

  test("deleting another registry leaves the default", async () => {
    const { store } = await fresh(open);
    const [a, b] = [await store.registries.create(cdn, NOW), await store.registries.create(local, NOW)];
    await store.registries.setDefault(a.id);
    await store.registries.delete(b.id);
    expect(await store.registries.getDefault()).toBe(a.id);
  });

  test("a change of an unknown registry is rejected", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create(cdn, NOW);
    await store.registries.setDefault(id);
    const missing = "REG_0000000001";
    const refusal = { code: "REGISTRY_NOT_FOUND", params: { id: missing } };
    await expect(store.registries.update(missing, local, true, NOW)).rejects.toMatchObject(refusal);
    await expect(store.registries.delete(missing)).rejects.toMatchObject(refusal);
    await expect(store.registries.setDefault(missing)).rejects.toMatchObject(refusal);
    expect(await store.registries.getDefault()).toBe(id);
    expect(await store.registries.list()).toHaveLength(1);
  });

  test("of a hundred deletions at once, one finds the registry", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create(cdn, NOW);
    const results = await Promise.allSettled(upTo(100).map(() => store.registries.delete(id)));
    expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(1);
  });

  const token = { kind: "token", secret: "s3cr3t" } as const;
  const key = { kind: "ssh-key", secret: "-----BEGIN…" } as const;

  test("a credential is read back by its own call only; the record has its kind", async () => {
    const { store, reopen } = await fresh(open);
    const made = await store.registries.create(cdn, NOW, token);
    expect(made).toEqual({ id: `REG_${NOW}`, ...cdn, credential: "token", created: NOW, updated: NOW });
    const again = await reopen();
    expect(JSON.stringify(await again.registries.list())).not.toContain(token.secret);
    expect(await again.registries.credential(made.id)).toEqual(token);
    expect(await again.registries.credential("REG_0000000001")).toBeUndefined();
  });

  test("a credential is kept, replaced, and removed, also with its registry", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create(cdn, NOW, token);
    expect(await store.registries.update(id, local, true, NOW)).toMatchObject({ credential: "token" });
    expect(await store.registries.update(id, cdn, false, NOW, key)).toMatchObject({ credential: "ssh-key" });
    expect(await store.registries.credential(id)).toEqual(key);
    expect(await store.registries.update(id, cdn, false, NOW, null)).not.toHaveProperty("credential");
    expect(await store.registries.credential(id)).toBeUndefined();
    await store.registries.update(id, cdn, false, NOW, token);
    await store.registries.delete(id);
    expect(await store.registries.credential(id)).toBeUndefined();
  });

  test("the outcome of a refresh is noted, and removed by the next note or another source", async () => {
    const { store, reopen } = await fresh(open);
    const { id } = await store.registries.create(cdn, NOW);
    const failure = { code: "SOURCE_TIMEOUT", error: "It took long", hint: "Wait", at: NOW + 1 };
    await store.registries.note(id, { failure, moved: "https://example.org/new" });
    const again = await reopen();
    expect(await again.registries.get(id)).toMatchObject({ failure, moved: "https://example.org/new" });
    await again.registries.note(id, {});
    expect(await again.registries.get(id)).toEqual({ id, ...cdn, created: NOW, updated: NOW });
    await again.registries.note(id, { failure });
    expect(await again.registries.update(id, { ...cdn, name: "x" }, false, NOW)).toMatchObject({ failure });
    expect(await again.registries.update(id, cdn, true, NOW)).not.toHaveProperty("failure");
    await again.registries.note("REG_0000000001", { failure });
    expect(await again.registries.list()).toHaveLength(1);
  });
};
