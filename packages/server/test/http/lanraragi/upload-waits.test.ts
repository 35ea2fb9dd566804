import { expect, onTestFinished, test } from "vitest";
import { defaultLimits, type Limits } from "../../../src/http/limits.ts";
import { cbz } from "../../library/cbz.ts";
import { pluginSource } from "../../plugins/plugin-source.ts";
import { archiveForm } from "../calls/archives.ts";
import { openTestServer, type TestServer } from "../test-server.ts";

const open = async (limits: Partial<Limits> = {}): Promise<TestServer> => {
  const server = await openTestServer({}, { ...defaultLimits, ...limits });
  onTestFinished(() => server.close());
  return server;
};

/** Sideloads and enables a metadata plugin that runs on new archives. */
const enable = async ({ call, services }: TestServer, body: string) => {
  const source = pluginSource({ namespace: "arrival", type: "metadata" }, body);
  await services.installer.sideload("arrival.ts", Buffer.from(source), true);
  await call("configurePlugin", { params: { namespace: "arrival" }, body: { enabled: true } });
};

const upload = ({ call }: TestServer, name: string, headers = {}) =>
  call("uploadArchive", { payload: archiveForm(`${name}.cbz`, cbz(name)), headers });

/** A call that ends only when it is cancelled. */
const NEVER = "await new Promise(() => {});";

const stateOf = async ({ call }: TestServer, job: number) =>
  (await call("getJob", { params: { job } })).body.state;

test("the answer to an upload comes when the enabled plugins have run", async () => {
  const server = await open();
  await enable(server, 'return { tags: "found:yes", title: "Given" };');
  for (const name of ["one", "two"]) {
    const { body } = await upload(server, name);
    const { body: archive } = await server.call("getArchiveMetadata", { params: { id: body.id } });
    expect(archive).toMatchObject({ tags: "found:yes", title: "Given" });
    expect(await stateOf(server, body.job)).toBe("finished");
  }
});

test("the answer comes too when the plugins fail", async () => {
  const server = await open();
  await enable(server, 'throw new Error("no");');
  const { status, body } = await upload(server, "one");
  expect([status, await stateOf(server, body.job)]).toEqual([200, "finished"]);
});

test("the limit is ten seconds", () => {
  expect(defaultLimits.pluginsMs).toBe(10_000);
});

test("beyond the limit the plugins go on as a job", async () => {
  const server = await open({ pluginsMs: 50 });
  await enable(server, NEVER);
  const { status, body } = await upload(server, "one");
  expect([status, await stateOf(server, body.job)]).toEqual([200, "active"]);
  await server.call("cancelJob", { params: { job: body.job } });
});

test.each(["respond-async", "wait=10, respond-async", "respond-async; x=1", "Respond-Async"])(
  "with Prefer: %s the answer comes at once",
  async (prefer) => {
    const server = await open({ pluginsMs: 3_600_000 });
    await enable(server, NEVER);
    const { status, body } = await upload(server, "one", { prefer });
    expect(status).toBe(200);
    expect(["inactive", "active"]).toContain(await stateOf(server, body.job));
    await server.call("cancelJob", { params: { job: body.job } });
  },
);

test("other preferences and no enabled plugin change nothing", async () => {
  const server = await open();
  const { body } = await upload(server, "one", { prefer: "respond-asynchronously, return=minimal" });
  expect(body.job).toBeNull();
});
