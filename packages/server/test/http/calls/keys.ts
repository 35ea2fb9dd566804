import { expect, it } from "vitest";
import { proofOf, proofSecret } from "../../../src/keys/server-proof.ts";
import type { World } from "../calls.test.ts";
import { bearer, KEY } from "../test-server.ts";

export const keyCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("are created, listed without their secrets, and revoked", async () => {
    const { body } = await call("createKey", { body: { name: "grafana", scope: "read" } });
    expect(body.key).toMatch(/^hitagi_[0-9a-f]{16}_[\w-]{43}$/);
    const { text } = await call("listKeys");
    expect(text).toContain('"name":"grafana"');
    expect(text).not.toContain(body.key.slice(24));
    const revoked = await call("revokeKey", { params: { name: "grafana" } });
    expect(revoked.body.successMessage).toContain("grafana");
    const again = await call("revokeKey", { params: { name: "grafana" } });
    expect([again.status, again.body.code]).toEqual([404, "KEY_NOT_FOUND"]);
  });

  it("have unique names, and the first key's name is reserved", async () => {
    const body = { name: "twice", scope: "use" };
    await call("createKey", { body });
    for (const name of ["twice", "api-key", "API-Key"]) {
      const taken = await call("createKey", { body: { ...body, name } });
      expect([taken.status, taken.body.code], name).toEqual([409, "KEY_EXISTS"]);
    }
  });

  it("are proven to a client by a proof that only the server and the key's holder can make", async () => {
    const nonce = "0123456789abcdef".repeat(4);
    const { body: made } = await call("createKey", { body: { name: "proven", scope: "read" } });
    const proofWith = async (key: string, query: Record<string, string>) => {
      const { body } = await call("proveKey", { query: { nonce, ...query } });
      return body.proof !== null && body.proof === proofOf(await proofSecret(key, body.salt), nonce);
    };
    expect(await proofWith(KEY, {})).toBe(true);
    expect(await proofWith(`${KEY}x`, {})).toBe(false);
    const { id } = made.info;
    expect(await proofWith(made.key, { id })).toBe(true);
    expect(await proofWith(KEY, { id })).toBe(false);
    await call("revokeKey", { params: { name: "proven" } });
    expect((await call("proveKey", { query: { nonce, id } })).body).toMatchObject({
      salt: null,
      proof: null,
    });
    expect((await call("proveKey", { query: { nonce: "short" } })).status).toBe(400);
  });

  it("include a first key whose rotation refuses the old one at once", async () => {
    const { body } = await call("rotateKey");
    expect(body.key).toMatch(/^[\w-]{43}$/);
    expect((await call("listKeys")).body.code).toBe("UNAUTHORIZED");
    expect((await call("listKeys", { headers: bearer(body.key) })).status).toBe(200);
    world().server.firstKey.replace(KEY);
    expect((await call("listKeys")).status).toBe(200);
  });

  it.each([
    [{ name: "no spaces", scope: "read" }, "/body/name"],
    [{ name: "x", scope: "admin" }, "/body/scope"],
    [{ name: "x" }, "/body/scope"],
    [{ name: "x", scope: "read", expires: 1 }, "/body/expires"],
  ])("are refused if they are invalid: %j", async (body, path) => {
    const { status, body: answer } = await call("createKey", { body });
    expect(status).toBe(400);
    expect(answer.errors).toEqual([{ path, message: expect.any(String) }]);
  });
};
