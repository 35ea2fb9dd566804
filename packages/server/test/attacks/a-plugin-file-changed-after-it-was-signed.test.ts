import { expect, onTestFinished, test } from "vitest";
import { openTestServer } from "../http/test-server.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { publication, serveSigned } from "../support/signed-registry.ts";

test("a plugin file whose bytes are not the signed ones is not installed, and the signed bytes are", async () => {
  const server = await openTestServer();
  onTestFinished(() => server.close());
  const source = await serveSigned();
  const file = pluginSource({ namespace: "echo", type: "script", version: "1.0.0" });
  source.show(publication({ offers: { echo: { "1.0.0": file } } }));
  const body = { name: "r", provider: "cdn", url: source.url, refresh: true };
  const { id: registry } = (await server.call("createRegistry", { body })).body;
  const install = async () => {
    const { job } = (await server.call("installPlugin", { body: { namespace: "echo", registry } })).body;
    return (await server.ended(job)).result;
  };
  source.answer("echo.ts", (response) => void response.end(`${file}\n// changed`));
  expect(await install()).toMatchObject({ success: 0, code: "HASH_MISMATCH" });
  expect((await server.call("getInstalled", { params: { namespace: "echo" } })).status).toBe(404);
  source.answer("echo.ts", (response) => void response.end(file));
  expect(await install()).toMatchObject({ success: 1 });
  const { plugin } = (await server.call("getInstalled", { params: { namespace: "echo" } })).body;
  expect(plugin).toMatchObject({ version: "1.0.0", trust: { state: "signed" } });
});
