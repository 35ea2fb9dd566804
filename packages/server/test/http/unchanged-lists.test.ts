import { afterAll, beforeAll, expect, test } from "vitest";
import { waiting } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const list = (headers: Record<string, string> = bearer(KEY)) =>
  server.http.inject({ url: "/api/plugins/all", headers });

const ifNoneMatch = (tag: string) => list({ ...bearer(KEY), "if-none-match": tag });

test("a list that a client has is answered with 304 and no body until a plugin changes", async () => {
  const first = await list();
  const etag = String(first.headers.etag);
  expect([first.statusCode, first.headers["cache-control"]]).toEqual([200, "no-cache"]);
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const known = await ifNoneMatch(tag);
    expect([known.statusCode, known.body, known.headers.etag], tag).toEqual([304, "", etag]);
  }
  expect((await ifNoneMatch('"other"')).body).toBe(first.body);

  await server.services.installer.sideload("waits.ts", Buffer.from(waiting("waits")), true);
  const changed = await ifNoneMatch(etag);
  expect(changed.statusCode).toBe(200);
  expect(changed.body).not.toBe(first.body);
});

test("a list is not confirmed without a key", async () => {
  const etag = String((await list()).headers.etag);
  expect((await list({ "if-none-match": etag })).statusCode).toBe(401);
});
