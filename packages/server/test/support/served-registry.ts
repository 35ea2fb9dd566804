import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { onTestFinished } from "vitest";
import { openTestServer } from "../http/test-server.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { httpServer } from "./http-server.ts";
import { writeRegistry } from "./registry-fixture.ts";
import { tempFolder } from "./temp-folder.ts";

/** A version of the plugin `echo`, and a text in its file that other bytes have instead. */
type Published = [version: string, text?: string];

/** A server with a registry on a web server of its own, which offers the plugin `echo`. */
export const serveRegistry = async () => {
  const folder = await tempFolder();
  const address = await httpServer((request, response) => {
    readFile(path.join(folder, decodeURIComponent(request.url ?? ""))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  const server = await openTestServer();
  onTestFinished(() => server.close());
  const create = async () =>
    (await server.call("createRegistry", { body: { name: "r", provider: "cdn", url: address } })).body
      .id as string;
  const registry = await create();

  /** Replaces what the registry offers. */
  const publish = async (generated_at: string, ...versions: Published[]): Promise<void> => {
    const index = await writeRegistry(folder, [
      {
        namespace: "echo",
        type: "script",
        versions: versions.map(([version, text = ""]) => ({
          version,
          source: `${pluginSource({ namespace: "echo", type: "script", version })}\n// ${text}`,
        })),
      },
    ]);
    await writeFile(path.join(folder, "registry.json"), JSON.stringify({ ...index, generated_at }));
  };
  const refresh = (query = {}, id = registry) => server.call("refreshRegistry", { params: { id }, query });
  /** Installs `echo`, and gives the result of the job. */
  const install = async (body = {}, id = registry) => {
    const { body: queued } = await server.call("installPlugin", {
      body: { namespace: "echo", registry: id, ...body },
    });
    return (await server.ended(queued.job)).result;
  };
  const installed = async () =>
    (await server.call("getInstalled", { params: { namespace: "echo" } })).body.plugin;
  return { server, registry, create, publish, refresh, install, installed };
};
