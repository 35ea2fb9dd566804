import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFailedKeys } from "../../src/http/failed-keys.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const statusWith = async (authorization: string | undefined, from: string): Promise<number> => {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const answer = await server.http.inject({ url: "/api/registries", headers, remoteAddress: from });
  return answer.statusCode;
};
const wrong = (n: number) => bearer(`wrong ${n}`).authorization;
const right = bearer(KEY).authorization;

describe("the API key", () => {
  it("is accepted as the base64 of its UTF-8 text and in no other form", async () => {
    expect(await statusWith(right, "10.0.0.1")).toBe(200);
    expect(await statusWith(right.replace("Bearer", "bearer"), "10.0.0.1")).toBe(200);
    for (const other of [
      undefined,
      `Bearer ${encodeURIComponent(KEY)}`,
      right.replace("Bearer", "Basic"),
      "Bearer",
      `${right}=`,
    ]) {
      expect(await statusWith(other, "10.0.0.1"), String(other)).toBe(401);
    }
  });

  it("refuses wrong keys of an address after ten of them, and no right key", async () => {
    const from = "10.0.0.2";
    for (let n = 0; n < 10; n++) expect(await statusWith(wrong(n), from)).toBe(401);
    const answer = await server.http.inject({
      url: "/api/registries",
      headers: { authorization: wrong(11) },
      remoteAddress: from,
    });
    expect(answer.statusCode).toBe(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.json()).toMatchObject({ code: "TOO_MANY_FAILED_KEYS", operation: "list_registries" });
    expect(await statusWith(right, from)).toBe(200);
    expect(await statusWith(wrong(12), "10.0.0.3")).toBe(401);
    const open = await server.http.inject({ url: "/api/info", remoteAddress: from });
    expect(open.statusCode).toBe(200);
  });

  it("does not count requests without a key", async () => {
    for (let n = 0; n < 20; n++) expect(await statusWith(undefined, "10.0.0.5")).toBe(401);
  });
});

describe("failed keys", () => {
  const rule = { limit: 2, windowMs: 1000, delayMs: 0, addresses: 3, delayed: 10 };

  it("are forgotten when their window ends", async () => {
    let now = 0;
    const failed = createFailedKeys(rule, () => now);
    expect([await failed.add("a"), await failed.add("a"), await failed.add("a")]).toEqual([
      false,
      false,
      true,
    ]);
    now = 1000;
    expect(await failed.add("a")).toBe(false);
  });

  it("count an IPv6 /64 as one address, and both forms of an IPv4 address", async () => {
    const failed = createFailedKeys(rule, () => 0);
    await failed.add("2001:db8:1:2::1");
    await failed.add("2001:db8:1:2:ffff::2");
    expect(await failed.add("2001:db8:1:2::3")).toBe(true);
    expect(await failed.add("2001:db8:1:3::1")).toBe(false);
    await failed.add("::ffff:10.0.0.1");
    await failed.add("10.0.0.1");
    expect(await failed.add("10.0.0.1")).toBe(true);
  });

  it("drop the oldest address at the limit", async () => {
    const failed = createFailedKeys(rule, () => 0);
    for (const address of ["a", "b", "c", "a", "b", "c"]) await failed.add(address);
    await failed.add("d");
    expect([await failed.add("b"), await failed.add("c"), await failed.add("a")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("are answered at once where too many wait already, so that they hold no memory", async () => {
    const failed = createFailedKeys({ ...rule, limit: 0, delayMs: 3_600_000, delayed: 1 }, () => 0);
    void failed.add("a");
    expect(await failed.add("a")).toBe(true);
  });
});
