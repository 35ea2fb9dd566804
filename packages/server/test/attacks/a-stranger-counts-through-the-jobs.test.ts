import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, openTestServer, type TestServer } from "../http/test-server.ts";

let closed: TestServer;
let open: TestServer;
beforeAll(async () => {
  [closed, open] = await Promise.all([openTestServer({ jobState: "key" }), openTestServer()]);
});
afterAll(() => Promise.all([closed.close(), open.close()]));

const queued = async (server: TestServer): Promise<number> =>
  (await server.call("queuePlugin", { query: { plugin: "nothing" } })).body.job;

test("with HITAGI_JOB_STATE=key, the state of a job needs a key, also of one that does not exist", async () => {
  const job = await queued(closed);
  for (const id of [job, job + 100]) {
    const { statusCode } = await closed.http.inject(`/api/minion/${id}`);
    expect(statusCode).toBe(401);
  }
  const made = await closed.call("createKey", { body: { name: "reader", scope: "read" } });
  const headers = bearer(made.body.key);
  expect((await closed.call("getJob", { params: { job }, headers })).status).toBe(200);
});

test("by default LANraragi's clients see it without a key", async () => {
  const job = await queued(open);
  expect((await open.http.inject(`/api/minion/${job}`)).statusCode).toBe(200);
});
