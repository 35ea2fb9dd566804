import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { openTestServer } from "../http/test-server.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A server with `echo` from a file, and what its API says of it. */
const withPlugin = async () => {
  const server = await openTestServer();
  onTestFinished(() => server.close());
  const { installer, config } = server.services;
  await installer.sideload("echo.ts", Buffer.from(pluginSource({ namespace: "echo" })), true);
  const file = path.join(config.plugins, "Sideloaded", "echo.ts");
  const plugin = async () =>
    (await server.call("getInstalled", { params: { namespace: "echo" } })).body.plugin;
  const verify = async () => (await server.call("verifyPlugins")).body.files[0].state;
  return { server, file, plugin, verify };
};

test("a file that changes is quarantined when it is compared, said in the history, and put back by a reinstall", async () => {
  const { server, file, plugin, verify } = await withPlugin();
  const installed = await readFile(file);
  await writeFile(file, "// something else");
  expect(await verify()).toBe("changed");
  expect(await plugin()).toMatchObject({
    health: { state: "quarantined", cause: "changed" },
    trust: { state: "changed", reason: "Its file is not the one that was installed." },
  });
  const { items } = (await server.call("listHistory", { query: { action: "quarantine_plugin" } })).body;
  expect(items).toMatchObject([{ subject: { kind: "plugin", id: "echo" } }]);
  await server.call("configurePlugin", { params: { namespace: "echo" }, body: { enabled: true } });
  expect((await plugin()).health.cause).toBe("changed");

  await server.call("reinstallPlugin", { params: { namespace: "echo" } });
  expect((await plugin()).health).toEqual({ state: "ok" });
  expect([await readFile(file), await verify()]).toEqual([installed, "ok"]);
});

test("a file that its owner puts right ends the quarantine when it is compared again", async () => {
  const { file, plugin, verify } = await withPlugin();
  const installed = await readFile(file);
  await writeFile(file, "// something else");
  await verify();
  await writeFile(file, installed);
  expect(await verify()).toBe("ok");
  expect((await plugin()).health).toEqual({ state: "ok" });
});

test("a file that changed while the server was down is quarantined at its start, and runs again once it is right", async () => {
  const data = path.join(await tempFolder(), "data");
  const config = readConfig({ data, warm: "0", log: "silent" }, {});
  const start = async () => {
    const app = await createApp(config, pino({ level: "silent" }));
    onTestFinished(() => app.stop());
    await app.start();
    return app;
  };
  const first = await start();
  await first.services.installer.sideload("echo.ts", Buffer.from(pluginSource({ namespace: "echo" })), true);
  await first.stop();
  const file = path.join(config.plugins, "Sideloaded", "echo.ts");
  const installed = await readFile(file);
  await writeFile(file, "// something else");
  const { plugins, integrity } = (await start()).services;
  expect((await plugins.record("echo")).health).toMatchObject({ state: "quarantined", cause: "changed" });
  await writeFile(file, installed);
  await integrity.check();
  expect((await plugins.record("echo")).health).toEqual({ state: "ok" });
  expect((await plugins.use({ namespace: "echo" })).type).toBe("script");
});
