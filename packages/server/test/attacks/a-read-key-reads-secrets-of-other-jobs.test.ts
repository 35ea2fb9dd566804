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
