import { expect, test } from "vitest";
import type { IndexChange, Store, TrustState } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore } from "./open.ts";

const fields = { name: "r", provider: "local" as const, path: "/srv/r" };
const fingerprint = "ab".repeat(32);
const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: NOW, plugins: 0 };
const signed = { ...meta, sha256: "c".repeat(64) };
const document = Buffer.from('{"version":1,"plugins":{}}');
const line = Buffer.from("echo\t1.0.0\tabc\t1\n");

const stateOf = (sequence: number, revision: number): TrustState => ({
  ...{ fingerprint, origin: "example.org/plugins", head: `head ${sequence}\n`, epoch: 1, sequence },
  ...{ linked: true, since: NOW, epochSince: NOW, accepted: NOW, evidence: [], revision },
});

/** What a store does with the accepted states and pins of signed registries. */
export const trustContract = (open: OpenStore): void => {
  const opened = async () => {
    const { store, reopen } = await fresh(open);
    const { id, updated } = await store.registries.create(fields, NOW);
    const pin = { registry: id, fingerprint, since: NOW, declinedMove: "https://example.net/moved" };
    /** Stores an index that a head of this number names, judged by the state of that revision. */
    const accept = (sequence: number, expected: number, change: IndexChange = {}, to: Store = store) =>
      to.catalog.replace(id, updated, signed, document, [], undefined, {
        state: { next: stateOf(sequence, 1), expected },
        pin,
        ...change,
      });
    return { store, reopen, id, updated, pin, accept };
  };

  test("an accepted state, its pin, lines and details become valid with their index, and survive a restart", async () => {
    const { store, reopen, id, pin, accept } = await opened();
    await store.seenVersions.add(id, line);
    await accept(1, 0, {
      seen: { owner: fingerprint, how: "add", lines: line },
      forgotten: [id],
      details: Buffer.from("{}"),
    });
    const again = await reopen();
    expect(await again.trust.get(fingerprint)).toEqual(stateOf(1, 1));
    expect(await again.trust.list()).toEqual([stateOf(1, 1)]);
    expect(await again.trust.pin(id)).toEqual(pin);
    expect(Buffer.concat(await again.seenVersions.get(fingerprint))).toEqual(line);
    expect(await again.seenVersions.get(id)).toEqual([]);
    expect(await again.catalog.details(id)).toEqual(Buffer.from("{}"));
    expect(await again.catalog.meta(id)).toEqual(signed);
  });

  test("of two changes that were judged by one state, one wins, and the other changes nothing", async () => {
    const { store, id, accept } = await opened();
    await accept(1, 0, { details: Buffer.from("1") });
    await accept(2, 1);
    await expect(
      accept(3, 1, { details: null, seen: { owner: fingerprint, how: "add", lines: line } }),
    ).rejects.toMatchObject({ code: "TRUST_CHANGED" });
    expect(await store.trust.get(fingerprint)).toEqual(stateOf(2, 2));
    expect(await store.catalog.details(id)).toEqual(Buffer.from("1"));
    expect(await store.seenVersions.get(fingerprint)).toEqual([]);
    expect(await store.trust.set(stateOf(9, 1), 1)).toBe(false);
    expect(await store.trust.set(stateOf(9, 1), 2)).toBe(true);
    expect(await store.trust.get(fingerprint)).toEqual(stateOf(9, 3));
  });

  test("a pinned registry has no index but a signed one", async () => {
    const { store, id, updated, pin, accept } = await opened();
    await store.catalog.replace(id, updated, meta, document, []);
    await store.trust.setPin(id, pin);
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.document(id)).toBeUndefined();
    expect(await store.registries.get(id)).not.toHaveProperty("refreshed");
    expect((await store.registries.list())[0]).not.toHaveProperty("plugins");
    await accept(1, 0);
    expect(await store.registries.get(id)).toMatchObject({ refreshed: NOW, plugins: 0 });
    expect(await store.catalog.document(id)).toEqual(document);
    await store.catalog.replace(id, updated, meta, document, [], undefined, { pin: null });
    expect(await store.catalog.meta(id)).toEqual(meta);
    expect(await store.trust.pin(id)).toBeUndefined();
  });

  test("state, pin and lines outlive the registry", async () => {
    const { store, id, pin, accept } = await opened();
    await accept(1, 0, { seen: { owner: fingerprint, how: "replace", lines: line } });
    await store.registries.delete(id);
    expect(await store.trust.pins()).toEqual([pin]);
    expect(await store.trust.get(fingerprint)).toEqual(stateOf(1, 1));
    expect(Buffer.concat(await store.seenVersions.get(fingerprint))).toEqual(line);
  });

  test("a change of the registry's address keeps the pin, and drops the index with its details", async () => {
    const { store, id, pin, accept } = await opened();
    await accept(1, 0, { details: Buffer.from("{}") });
    await store.registries.update(id, { ...fields, path: "/srv/other" }, true, NOW);
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.details(id)).toBeUndefined();
    expect(await store.trust.pin(id)).toEqual(pin);
  });
};
