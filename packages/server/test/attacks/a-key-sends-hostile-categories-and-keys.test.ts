import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, KEY, openTestServer, type Sent, type TestServer } from "../http/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const create = (fields: Record<string, string>, sent: Sent = {}) =>
  server.call("createCategory", {
    ...sent,
    payload: new URLSearchParams(fields).toString(),
    headers: { ...FORM, ...sent.headers },
  });
const categories = async (): Promise<{ id: string; name: string; search: string }[]> =>
  (await server.call("listCategories")).body;
const keyOf = async (name: string, scope: string): Promise<string> =>
  (await server.call("createKey", { body: { name, scope } })).body.key;

test("names and searches of categories are cleaned of controls, and are no names of properties", async () => {
  const hostile = [
    "a\u0000b\u001b[2Jc\r\nd",
    "__proto__",
    "constructor",
    "<script>alert(1)</script>",
    "../../x",
  ];
  for (const name of hostile) expect((await create({ name, search: name })).status).toBe(200);
  const found = await categories();
  expect(found.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["__proto__", "constructor", "<script>alert(1)</script>", "../../x"]),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be stored
  for (const { name, search } of found) expect(name + search).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test("fields named as properties of objects change no prototype, and are no fields", async () => {
  const { status, body } = await create({
    name: "safe",
    "__proto__[polluted]": "1",
    "constructor.prototype.polluted": "1",
  });
  expect(status).toBeLessThan(500);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  const found = (await categories()).filter(({ id }) => id === body.category_id);
  for (const one of found) expect(one).not.toHaveProperty("polluted");
});

test("ids that are none, and texts that are too long, are refused before anything is stored", async () => {
  const before = (await categories()).length;
  for (const id of [
    "SET_../../etc",
    "..%2f..%2fetc",
    "SET_1\u0000",
    "__proto__",
    "x".repeat(90),
    "SET_1e308",
  ]) {
    for (const call of ["getCategory", "updateCategory", "deleteCategory"] as const) {
      const { status } = await server.call(call, { params: { id } });
      expect([400, 404, 414], `${call} ${id.slice(0, 20)}`).toContain(status);
    }
  }
  const url = `/api/categories/${"x".repeat(50_000)}`;
  const long = await server.http.inject({ method: "GET", url, headers: bearer(KEY) });
  expect([400, 404, 414]).toContain(long.statusCode);
  expect((await create({ name: "x".repeat(4097) })).status).toBe(400);
  expect((await create({ name: "x".repeat(40_000_000) })).status).toBe(413);
  expect(await categories()).toHaveLength(before);
});

test("a key that reads changes no category, and without a key no form of another page does", async () => {
  const headers = bearer(await keyOf("only-reads", "read"));
  const before = await categories();
  expect((await create({ name: "no" }, { headers })).status).toBe(403);
  for (const call of ["updateCategory", "deleteCategory"] as const) {
    const params = { id: before[0]?.id ?? "" };
    expect((await server.call(call, { params, headers })).status).toBe(403);
  }
  const none = { authorization: "" };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const { status } = await server.call("createCategory", {
      payload: "name=no",
      headers: { ...none, "content-type": type, origin: "https://evil.example" },
    });
    expect(status, type).toBe(401);
  }
  expect(await categories()).toEqual(before);
});

test("keys have plain names, give no further rights than their own, and none beyond their end", async () => {
  for (const name of ["../key", "a\u0000b", "", "x".repeat(1000), "a b\n"]) {
    expect((await server.call("createKey", { body: { name, scope: "read" } })).status).toBe(400);
  }
  expect((await server.call("createKey", { body: { name: "far", scope: "root" } })).status).toBe(400);
  for (const scope of ["read", "use"]) {
    const headers = bearer(await keyOf(`tries-${scope}`, scope));
    const made = await server.call("createKey", {
      body: { name: `made-by-${scope}`, scope: "manage" },
      headers,
    });
    expect([made.status, made.body.code]).toEqual([403, "SCOPE_NEEDED"]);
    for (const call of ["listKeys", "rotateKey"] as const)
      expect((await server.call(call, { headers })).status).toBe(403);
    const revoked = await server.call("revokeKey", { params: { name: "only-reads" }, headers });
    expect(revoked.status).toBe(403);
  }
  const listed = await server.call("listKeys");
  const names: string[] = listed.body.keys.map(({ name }: { name: string }) => name);
  expect(names.filter((name) => name.startsWith("made-by"))).toEqual([]);
  const headers = bearer(await keyOf("goes", "manage"));
  expect((await server.call("revokeKey", { params: { name: "goes" }, headers })).status).toBe(200);
  expect((await server.call("listCategories", { headers })).status).toBe(401);
});
