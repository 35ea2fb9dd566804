import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { ORIGIN, seedOf } from "../../../../trust/test/fixture.ts";
import { httpServer } from "../../support/http-server.ts";
import { type Publication, publication, serveSigned } from "../../support/signed-registry.ts";
import type { World } from "../calls.test.ts";

const thief = { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] };

export const registryTrustCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  /** A registry in a folder of its own, and what puts a publication there. */
  const added = async (name: string, body = {}) => {
    const folder = path.join(world().server.folder, name);
    await mkdir(folder);
    const show = async ({ head, index }: Publication): Promise<void> => {
      await writeFile(path.join(folder, "registry.json"), index);
      await writeFile(path.join(folder, "registry.head"), head);
    };
    const { id } = (
      await call("createRegistry", { body: { name, provider: "local", path: folder, ...body } })
    ).body;
    const params = { id };
    const trust = async () => (await call("getRegistry", { params })).body.registry.trust;
    return { folder, params, show, trust };
  };

  it("show whose key their head has before they are added", async () => {
    const { folder, show, params } = await added("tested");
    const test = async () => (await call("testRegistry", { body: { address: folder } })).body.found;
    const first = publication({ origin: "example.org/tested" });
    await show(first);
    const found = await test();
    expect(found).toMatchObject({ usable: true, identity: { origin: "example.org/tested" } });
    expect(found.identity.words.split(" ")).toHaveLength(12);
    await writeFile(
      path.join(folder, "registry.head"),
      first.head.toString().replace("sequence 1", "sequence 2"),
    );
    const changed = await test();
    expect(changed).toMatchObject({ usable: false, failure: { code: "SIGNATURE_UNKNOWN" } });
    expect(changed.identity).toBeUndefined();
    await rm(path.join(folder, "registry.head"));
    expect((await test()).identity).toBeUndefined();
    await call("deleteRegistry", { params });
  });

  it("show the pinned key, and take another one only by the owner's word", async () => {
    const { params, show, trust } = await added("signed");
    expect(await trust()).toEqual({ state: "unsigned", warnings: [], evidence: 0, required: false });
    const first = publication();
    await show(first);
    expect((await call("refreshRegistry", { params })).status).toBe(200);
    const pinned = await trust();
    expect(pinned).toMatchObject({ state: "signed", origin: ORIGIN, epoch: 1, sequence: 1, evidence: 0 });
    expect(pinned.words.split(" ")).toHaveLength(12);
    expect((await call("getRegistryHead", { params })).text).toBe(first.head.toString());

    await show(publication(thief));
    const refused = await call("refreshRegistry", { params });
    expect([refused.status, refused.body.code]).toEqual([502, "RECOVERY_KEY_CHANGED"]);
    const keys = (await call("readRegistryKeys", { params })).body;
    expect(keys.pinned.fingerprint).toBe(pinned.fingerprint);
    expect(keys.found).toMatchObject({
      origin: ORIGIN,
      fingerprint: expect.not.stringMatching(pinned.fingerprint),
    });
    const wrong = await call("trustRegistry", { params, body: { fingerprint: pinned.fingerprint } });
    expect(wrong.body.code).toBe("RECOVERY_KEY_CHANGED");
    const { fingerprint } = keys.found;
    const taken = await call("trustRegistry", { params, body: { fingerprint } });
    expect(taken.body.trust).toMatchObject({ state: "signed", fingerprint });
    // The history is written after the answer.
    await vi.waitFor(async () => {
      const { items } = (await call("listHistory", { query: { action: "trust_registry" } })).body;
      expect(items.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
        "ok",
        "RECOVERY_KEY_CHANGED",
      ]);
    });
    await call("deleteRegistry", { params });
  });

  it("is taken as unsigned again only by the owner's word", async () => {
    const { params, show, trust, folder } = await added("gives up");
    await show(publication({ origin: "example.org/gives-up" }));
    await call("refreshRegistry", { params });
    await rm(path.join(folder, "registry.head"));
    expect((await call("refreshRegistry", { params })).body.code).toBe("SIGNATURE_MISSING");
    const named = await call("trustRegistry", { params, body: { fingerprint: "a".repeat(64) } });
    expect(named.body.code).toBe("SIGNATURE_MISSING");
    expect((await call("trustRegistry", { params, body: { fingerprint: null } })).body.trust.state).toBe(
      "unsigned",
    );
    expect(await trust()).toMatchObject({ state: "unsigned" });
    await call("deleteRegistry", { params });
  });

  it("are followed to where their head says that they are, or stay at the owner's word", async () => {
    const source = await serveSigned();
    const origin = "example.org/moved";
    const movedTo = "https://127.0.0.1:9/plugins";
    source.show(publication({ origin, movedTo }));
    const body = { name: "moved", provider: "cdn", url: source.url, refresh: true };
    const params = { id: (await call("createRegistry", { body })).body.id };
    const trust = async () => (await call("getRegistry", { params })).body.registry.trust;
    expect((await trust()).movedTo).toBe(movedTo);
    const move = (address: string, follow: boolean) =>
      call("moveRegistry", { params, body: { address, follow } });
    expect((await move("https://127.0.0.1:9/other", true)).body.code).toBe("REGISTRY_NOT_MOVED");
    // Nothing answers there, so that the registry stays.
    expect((await move(movedTo, true)).body.code).toBe("SOURCE_UNREACHABLE");
    expect((await call("getRegistry", { params })).body.registry.url).toBe(source.url);
    expect((await move(movedTo, false)).status).toBe(200);
    expect(await trust()).not.toHaveProperty("movedTo");
    await call("deleteRegistry", { params });
  });

  it("compare the head of another server, and keep what contradicts", async () => {
    const { params, show } = await added("compared");
    const origin = "example.org/compared";
    const first = publication({ origin });
    const second = publication({ origin, after: first });
    const third = publication({ origin, after: second });
    await show(second);
    await call("refreshRegistry", { params });
    const relationTo = async ({ head }: Publication) =>
      (await call("compareHead", { params, body: { head: head.toString() } })).body.relation;
    expect(await relationTo(second)).toBe("same");
    expect(await relationTo(first)).toBe("behind");
    expect(await relationTo(third)).toBe("ahead");
    expect(
      await relationTo(
        publication({ origin, sequence: 900, previous: [{ sequence: 899, sha256: "a".repeat(64) }] }),
      ),
    ).toBe("too-far");
    expect(await relationTo(publication({ origin, epoch: 2 }))).toBe("newer-keys");
    expect(await relationTo(publication())).toBe("other-registry");
    expect((await call("listEvidence", { params })).body.evidence).toEqual([]);
    const forked = publication({ origin, after: first, time: "2026-11-30T12:00:00Z" });
    expect(await relationTo(forked)).toBe("forked");
    expect((await call("listEvidence", { params })).body.evidence).toMatchObject([
      { code: "HEAD_FORKED", accepted: second.head.toString(), other: forked.head.toString() },
    ]);
    const seen: string[] = [];
    const elsewhere = await httpServer(({ url = "" }, response) => {
      seen.push(url);
      response.end(second.head);
    });
    for (const address of [`${elsewhere}/registry.head`, elsewhere])
      expect((await call("compareHead", { params, body: { address } })).body.relation).toBe("same");
    expect(seen).toEqual([
      "/registry.head",
      expect.stringMatching(/^\/api\/heads\/[0-9a-f]{64}\?origin=example\.org%2Fcompared$/),
    ]);
    for (const body of [{}, { head: "a", address: elsewhere }, { address: "https://" }])
      expect((await call("compareHead", { params, body })).body.code).toBe("VALIDATION_FAILED");
    const broken = await call("compareHead", { params, body: { head: "hitagi-head/v1\n" } });
    expect(broken.body.code).toBe("HEAD_INVALID");
    const { registry: unsigned } = world();
    const none = await call("getRegistryHead", { params: { id: unsigned } });
    expect([none.status, none.body.code]).toEqual([409, "REGISTRY_NOT_SIGNED"]);
    await call("deleteRegistry", { params });
  });

  it("answer other servers without a key, only where the owner switched that on", async () => {
    const { params, show, trust } = await added("shared");
    const origin = "example.org/shared";
    const first = publication({ origin });
    await show(first);
    await call("refreshRegistry", { params });
    const { fingerprint } = await trust();
    const ask = (wanted: string) =>
      call("getHead", { params: { fingerprint }, query: { origin: wanted }, headers: { authorization: "" } });
    expect((await ask(origin)).status).toBe(404);
    await call("updateSignaturePolicy", { body: { answerHeads: true } });
    expect((await ask(origin)).text).toBe(first.head.toString());
    expect((await ask("example.org/other")).status).toBe(404);
    await call("updateSignaturePolicy", { body: { answerHeads: false } });
    expect((await ask(origin)).status).toBe(404);
    await call("deleteRegistry", { params });
  });

  it("must be signed where the owner's policy says so", async () => {
    const { params, trust } = await added("required");
    const { registry } = world();
    await call("updateSignaturePolicy", { body: { requireAll: true, exceptions: [registry] } });
    expect((await call("getSignaturePolicy")).body).toMatchObject({
      requireAll: true,
      exceptions: [registry],
      registryNames: { [registry]: "Fixture" },
    });
    expect(await trust()).toMatchObject({ required: true });
    const refused = await call("refreshRegistry", { params });
    expect([refused.status, refused.body.code]).toEqual([409, "SIGNATURE_REQUIRED"]);
    expect((await call("refreshRegistry", { params: { id: registry } })).status).toBe(200);
    await call("updateSignaturePolicy", { body: { requireAll: false, exceptions: [] } });
    await call("deleteRegistry", { params });
  });

  it("are pinned from the start to a key that the owner was given", async () => {
    const { params, show, trust } = await added("given", { key: "ab".repeat(32) });
    expect(await trust()).toMatchObject({ state: "pinned", fingerprint: "ab".repeat(32) });
    await show(publication({ origin: "example.org/given" }));
    expect((await call("refreshRegistry", { params })).body.code).toBe("RECOVERY_KEY_CHANGED");
    await call("deleteRegistry", { params });
  });
};
