import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { pluginText } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const body = "run(ctx) { return { got: ctx.arg }; },";
  const echo = Buffer.from(pluginText("echo", "1.0.0", "script", body));
  await server.services.installer.sideload("echo.ts", echo, true);
});
afterAll(() => server.close());

describe("the arguments of a call of a plugin", () => {
  test("are taken from the query, from a JSON body, and from the body before the query", async () => {
    const use = async (sent: object) => (await server.call("usePlugin", sent)).body.data;
    expect(await use({ query: { plugin: "echo", arg: "query" } })).toEqual({ got: "query" });
    expect(await use({ body: { plugin: "echo", arg: "body" } })).toEqual({ got: "body" });
    expect(await use({ query: { plugin: "echo", arg: "query" }, body: { arg: "body" } })).toEqual({
      got: "body",
    });
  });

  test("are taken from a JSON body for a job, with its priority", async () => {
    const { body } = await server.call("queuePlugin", { body: { plugin: "ECHO", arg: "body", priority: 7 } });
    await server.ended(body.job);
    const detail = await server.call("getJobDetail", { params: { job: body.job } });
    expect(detail.body).toMatchObject({ priority: 7, state: "finished" });
    const inQuery = await server.call("queuePlugin", { query: { plugin: "echo", priority: 3 }, body: {} });
    const { body: other } = await server.call("getJobDetail", { params: { job: inQuery.body.job } });
    expect(other.priority).toBe(3);
    await server.ended(inQuery.body.job);
  });

  test("are checked in a JSON body, and a body of another type is ignored, as LANraragi's clients send it", async () => {
    const wrong = await server.call("usePlugin", { body: { plugin: "echo", arg: 1, more: true } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      "/body/arg",
      "/body/more",
    ]);
    for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
      const answer = await server.http.inject({
        method: "POST",
        url: "/api/plugins/use?plugin=echo&arg=query",
        headers: { ...bearer(KEY), "content-type": type },
        payload: "arg=form",
      });
      expect(answer.json()).toMatchObject({ success: 1, data: { got: "query" } });
    }
    expect((await server.call("usePlugin", {})).body.errors).toEqual([
      { path: "/query/plugin", message: "Missing property." },
    ]);
  });
});

describe("a registry in a request", () => {
  test("is named by its id, or by its name in any case", async () => {
    const folder = await tempFolder();
    const source = pluginText("offered", "1.0.0", "script", 'run() { return "done"; },');
    const versions = [{ version: "1.0.0", source }];
    await writeRegistry(folder, [{ namespace: "offered", type: "script", versions }]);
    const add = async (name: string) =>
      (
        await server.call("createRegistry", {
          body: { name, provider: "local", path: folder, refresh: true },
        })
      ).body.id;
    const id = await add("My plugins");
    const params = { id: "my PLUGINS" };
    expect((await server.call("getRegistry", { params })).body.registry.id).toBe(id);
    expect((await server.call("listOffered", { params })).body.total).toBe(1);
    expect((await server.call("refreshRegistry", { params })).status).toBe(200);
    expect((await server.call("setDefaultRegistry", { params })).body.id).toBe(id);
    const body = { namespace: "offered", registry: "My Plugins" };
    expect((await server.call("previewInstall", { body })).body.plan.registry).toBe(id);
    const { job } = (await server.call("installPlugin", { body })).body;
    await server.ended(job);
    const installed = await server.call("getInstalled", { params: { namespace: "offered" } });
    expect(installed.body.plugin.registry).toBe(id);

    const other = await add("my plugins");
    const ambiguous = await server.call("getRegistry", { params });
    expect([ambiguous.status, ambiguous.body.code]).toEqual([409, "REGISTRY_AMBIGUOUS"]);
    expect(ambiguous.body.hint).toContain(id);
    expect(ambiguous.body.hint).toContain(other);
    await server.call("deleteRegistry", { params: { id: other } });
    const answers = [
      await server.call("listOffered", { params: { id: "nope" } }),
      await server.call("previewInstall", { body: { ...body, registry: "nope" } }),
      await server.call("installPlugin", { body: { ...body, registry: "nope" } }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.error])).toEqual(
      answers.map(() => [404, "REGISTRY_NOT_FOUND", "Registry nope doesn't exist."]),
    );
    const malformed = await server.call("getRegistry", { params: { id: "nope" } });
    expect([malformed.status, malformed.body.code]).toEqual([400, "VALIDATION_FAILED"]);
    expect((await server.call("deleteRegistry", { params })).body.successMessage).toContain(id);
  });
});
