import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import {
  type Api,
  api,
  includesScope,
  type OperationId,
  type Route,
  type Scope,
  scopes,
} from "@hitagi/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

const guarded = (Object.entries(api) as [OperationId, Api[OperationId] & Route][]).filter(([, r]) => !r.open);

let server: TestServer;
const keys = {} as Record<Scope, string>;
beforeAll(async () => {
  server = await openTestServer();
  for (const scope of scopes) {
    keys[scope] = (await server.call("createKey", { body: { name: `${scope}-key`, scope } })).body.key;
  }
});
afterAll(() => server.close());
// One of the calls rotates the server's own key.
afterEach(() => server.firstKey.replace(KEY));

const urlOf = (route: Route): string =>
  route.path
    .replace(":job", "999999")
    .replace(":namespace", "nobody")
    .replace(":name", "nobody")
    .replace(":type", "all")
    .replace(/registries\/(.*):id/, "registries/$1REG_0000000000")
    .replace(":id", "0".repeat(40));

const ask = async (route: Route, key: string): Promise<{ statusCode: number; body: string }> => {
  const wanted = { method: route.method, url: urlOf(route), headers: bearer(key) };
  if (!route.media) return server.http.inject(wanted);
  const answer = await server.http.inject({ ...wanted, payloadAsStream: true });
  if (answer.statusCode !== 200) return { statusCode: answer.statusCode, body: await text(answer.stream()) };
  answer.stream().destroy();
  return { statusCode: 200, body: "" };
};

describe.each(guarded)("%s", (_id, route) => {
  it.each(scopes)("checks the scope of a key that may %s", async (scope) => {
    const answer = await ask(route, keys[scope]);
    if (includesScope(scope, route.scope ?? "manage")) {
      expect(answer.body).not.toMatch(/"code":"(SCOPE_NEEDED|UNAUTHORIZED)"/);
      return;
    }
    const failure = JSON.parse(answer.body);
    expect([answer.statusCode, failure.code]).toEqual([403, "SCOPE_NEEDED"]);
    expect(failure.hint).toContain(`--scope ${route.scope}`);
    expect(failure.operation).toBe(route.operation);
  });
});

describe("a key", () => {
  const make = async (body: Record<string, unknown>): Promise<string> =>
    (await server.call("createKey", { body: { scope: "manage", ...body } })).body.key;
  const list = (key: string, remoteAddress = "10.1.0.1") =>
    server.http.inject({ url: "/api/registries", headers: bearer(key), remoteAddress });
  const find = async (name: string) =>
    (await server.call("listKeys")).body.keys.find((k: { name: string }) => k.name === name);

  it("is refused after its expiry, with a hint", async () => {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const key = await make({ name: "short", expires });
    expect((await list(key)).statusCode).toBe(200);
    vi.useFakeTimers({ toFake: ["Date"], now: expires * 1000 });
    onTestFinished(() => void vi.useRealTimers());
    const late = await list(key);
    expect(late.statusCode).toBe(401);
    expect(late.json()).toMatchObject({
      code: "KEY_EXPIRED",
      hint: expect.stringContaining("hitagi key add"),
    });
  });

  it("is refused from the first request after its revocation", async () => {
    const key = await make({ name: "gone" });
    expect((await list(key)).statusCode).toBe(200);
    await server.call("revokeKey", { params: { name: "gone" } });
    const answer = await list(key);
    expect([answer.statusCode, answer.json().code]).toEqual([401, "UNAUTHORIZED"]);
  });

  it("has the time of its last use", async () => {
    const key = await make({ name: "used" });
    expect((await find("used")).lastUsed).toBeNull();
    const before = Math.floor(Date.now() / 1000);
    await list(key);
    await vi.waitFor(async () => expect((await find("used")).lastUsed).toBeGreaterThanOrEqual(before));
    expect((await find("used")).lastUsed).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it("is compared to the last character, and guesses are limited", async () => {
    const key = await make({ name: "exact" });
    const others = [..."ABCDEFGHIJKL"].map((c) => key.slice(0, -1) + c).filter((k) => k !== key);
    const codes: number[] = [];
    for (const other of others) codes.push((await list(other, "10.1.0.9")).statusCode);
    expect(codes.slice(0, 10).every((code) => code === 401)).toBe(true);
    expect(codes.at(-1)).toBe(429);
    expect((await list(key, "10.1.0.9")).statusCode).toBe(200);
  });

  it("has one form only", async () => {
    const key = await make({ name: "form" });
    const { authorization } = bearer(key);
    for (const other of [`${authorization}=`, `${authorization}==`, `Bearer ${key}`]) {
      const headers = { authorization: other };
      expect((await server.http.inject({ url: "/api/registries", headers })).statusCode, other).toBe(401);
    }
  });

  it("is not in the data folder, plain or in base64", async () => {
    const key = await make({ name: "hidden" });
    expect((await list(key)).statusCode).toBe(200);
    for (const file of ["hitagi.db", "hitagi.db-wal"]) {
      const bytes = await readFile(path.join(server.folder, "data", file));
      expect(bytes.includes(key.slice(24)), file).toBe(false);
      expect(bytes.includes(bearer(key).authorization.slice(40)), file).toBe(false);
    }
  });
});
