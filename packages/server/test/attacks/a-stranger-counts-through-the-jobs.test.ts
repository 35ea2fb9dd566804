import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
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

test("the token of a job shows the state of this job without a key, and of no other", async () => {
  const { body } = await closed.call("queuePlugin", { query: { plugin: "nothing" } });
  const { job, job_token: token } = body;
  const other = await queued(closed);
  const stateOf = async (id: number, text: string) =>
    (await closed.http.inject(`/api/minion/${id}?token=${text}`)).statusCode;
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await stateOf(job, token)).toBe(200);
  expect(await stateOf(other, token)).toBe(401);
  for (const wrong of ["", token.slice(1), `${token}x`, "x".repeat(500)]) {
    expect(await stateOf(job, wrong)).toBe(401);
  }
  const cancelled = await closed.http.inject({ method: "DELETE", url: `/api/minion/${job}?token=${token}` });
  expect(cancelled.statusCode).toBe(401);
  const detail = await closed.http.inject(`/api/minion/${job}/detail?token=${token}`);
  expect(detail.statusCode).toBe(401);
});

test("a token ends with the server's key", async () => {
  const own = await openTestServer({ jobState: "key" });
  onTestFinished(() => own.close());
  const { body } = await own.call("queuePlugin", { query: { plugin: "nothing" } });
  await own.firstKey.rotate();
  const state = await own.http.inject(`/api/minion/${body.job}?token=${body.job_token}`);
  expect(state.statusCode).toBe(401);
});

test("by default LANraragi's clients see it without a key", async () => {
  const job = await queued(open);
  expect((await open.http.inject(`/api/minion/${job}`)).statusCode).toBe(200);
  const { body } = await open.call("queuePlugin", { query: { plugin: "nothing" } });
  expect(body).toEqual({ operation: "queue_plugin_exec", success: 1, error: null, job: job + 1 });
});
