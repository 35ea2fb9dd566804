import { afterAll, beforeAll, expect, test } from "vitest";
import { archiveForm } from "../http/calls/archives.ts";
import { bearer, openTestServer, type TestServer } from "../http/test-server.ts";
import { echo } from "../plugins/plugin-source.ts";

const SECRET = "session=0123456789";

let server: TestServer;
const keys = new Map<string, string>();
beforeAll(async () => {
  server = await openTestServer();
  await server.call("sideloadPlugin", { payload: archiveForm("echo.ts", Buffer.from(echo("echo"))) });
  for (const scope of ["read", "use", "manage"]) {
    const made = await server.call("createKey", { body: { name: scope, scope } });
    keys.set(scope, made.body.key);
  }
});
afterAll(() => server.close());

const as = (scope: string) => ({ headers: bearer(keys.get(scope) ?? "") });

/** The arguments of a job in each call that shows them. */
const shown = async (scope: string, job: number): Promise<unknown[]> => {
  const detail = await server.call("getJobDetail", { params: { job }, ...as(scope) });
  const list = await server.call("listJobs", as(scope));
  const listed = list.body.items.find(({ id }: { id: number }) => id === job);
  return [detail.body.args, listed.args];
};

test("the one-shot argument of a job is shown to keys that may do everything, and to no others", async () => {
  const { body } = await server.call("queuePlugin", { query: { plugin: "echo", arg: SECRET } });
  await server.ended(body.job);
  const hidden = ["echo", null, "(hidden)"];
  expect(await shown("read", body.job)).toEqual([hidden, hidden]);
  expect(await shown("use", body.job)).toEqual([hidden, hidden]);
  const whole = ["echo", null, SECRET];
  expect(await shown("manage", body.job)).toEqual([whole, whole]);
});

test("the argument of a batch too, and a job without one shows that there is none", async () => {
  const batch = await server.call("startBatch", { body: { plugin: "copytags", all: true, arg: SECRET } });
  expect(batch.status, batch.text).toBe(200);
  const [args] = await shown("read", batch.body.job);
  expect(args).toEqual(["copytags", null, "(hidden)"]);
  const { body } = await server.call("queuePlugin", { query: { plugin: "echo" } });
  expect((await shown("read", body.job))[0]).toEqual(["echo", null, null]);
});

test("the address of a download is hidden in its job's arguments and result", async () => {
  const url = "http://localhost:9/private/0123456789.cbz?session=abc";
  const { body } = await server.call("downloadUrl", {
    payload: new URLSearchParams({ url }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  await server.ended(body.job);
  for (const scope of ["read", "use"]) {
    const detail = await server.call("getJobDetail", { params: { job: body.job }, ...as(scope) });
    const list = await server.call("listJobs", as(scope));
    expect(detail.body.args).toEqual(["(hidden)"]);
    for (const { text } of [detail, list]) expect(text).not.toContain("private");
  }
  expect((await shown("manage", body.job))[0]).toEqual([url]);
});

test("a plugin that repeats its argument, in a text or with secrets redacted, does not reveal it", async () => {
  const secret = "https://user:password@example.org/?token=0123456789";
  const { body } = await server.call("queuePlugin", { query: { plugin: "echo", arg: secret } });
  const { result } = await server.ended(body.job);
  expect(JSON.stringify(result)).toContain("example.org");
  const detail = await server.call("getJobDetail", { params: { job: body.job }, ...as("read") });
  expect(detail.text).not.toContain("example.org");
  expect(detail.body.result).toMatchObject({ success: 1 });
});

test("a short argument is hidden where it is a whole text, and other texts stay as they are", async () => {
  const { body } = await server.call("queuePlugin", { query: { plugin: "echo", arg: "e" } });
  await server.ended(body.job);
  const { result } = (await server.call("getJobDetail", { params: { job: body.job }, ...as("read") })).body;
  expect(result.data).toMatchObject({ arg: "(hidden)" });
  expect(result.type).toBe("script");
});
