import type { LookupAddress } from "node:dns";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, openTestServer, type TestServer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";

let server: TestServer;
let use: string;
beforeAll(async () => {
  server = await openTestServer();
  const made = await server.call("createKey", { body: { name: "reader", scope: "use" } });
  use = made.body.key;
});
afterAll(() => server.close());

/** The result of a download that a client with a `use` key asks for. */
const download = async (url: string) => {
  const { body } = await server.call("downloadUrl", {
    payload: new URLSearchParams({ url }).toString(),
    headers: { ...bearer(use), "content-type": "application/x-www-form-urlencoded" },
  });
  return (await server.ended(body.job)).result;
};

/** A server of this machine that must not be reached, and how often it was. */
const inside = async () => {
  const seen: string[] = [];
  const site = await httpServer((request, response) => {
    seen.push(request.url ?? "");
    response.end(cbz("secret"));
  });
  return { port: new URL(site).port, seen };
};

/** A port of this machine that nothing listens on. */
const CLOSED = "9";

const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)?.address ?? "127.0.0.2";

test.each([
  "127.0.0.1",
  "2130706433",
  "0x7f.1",
  "017700000001",
  "127.1",
  "0.0.0.0",
  "0",
  "localhost",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[fe80::1]",
  "169.254.169.254",
  ownAddress(),
])("a client does not reach %s, and an open port is refused as a closed one", async (host) => {
  const { port, seen } = await inside();
  const open = await download(`http://${host}:${port}/a.cbz`);
  const closed = await download(`http://${host}:${CLOSED}/a.cbz`);
  expect(open).toMatchObject({ success: 0, hint: expect.stringContaining("HITAGI_DOWNLOAD_HOSTS") });
  expect({ ...open, error: open.error.replaceAll(port, CLOSED) }).toEqual(closed);
  expect(seen).toEqual([]);
});

/** A download plugin that returns the address that was asked for, and names that lead to an address. */
const open = async (downloadHosts: string[], names: Record<string, string> = {}) => {
  const lookup = async (host: string): Promise<LookupAddress[]> => [
    { address: names[host] ?? "192.0.2.1", family: 4 },
  ];
  const { plugins, sideload } = await openPlugins({ lookup, downloadHosts });
  await sideload(
    pluginSource(
      { namespace: "taker", type: "download", url_regex: "." },
      "return { downloadUrl: ctx.url };",
    ),
  );
  return plugins;
};

test("a name that leads to this machine is not reached", async () => {
  const { port, seen } = await inside();
  const plugins = await open([], { "rebound.example": "127.0.0.1" });
  await expect(plugins.download(`http://rebound.example:${port}/a.cbz`)).rejects.toMatchObject({
    code: "CAPABILITY_DENIED",
  });
  expect(seen).toEqual([]);
});

test("a site that the owner allows redirects to another port of the machine, which is not reached", async () => {
  const { port, seen } = await inside();
  const site = await httpServer((request, response) => {
    const to = request.url === "/name.cbz" ? "rebound.example" : "127.0.0.1";
    response.writeHead(302, { location: `http://${to}:${port}/a.cbz` }).end();
  });
  const plugins = await open([new URL(site).host], { "rebound.example": "127.0.0.1" });
  for (const page of ["/a.cbz", "/name.cbz"]) {
    await expect(plugins.download(site + page)).rejects.toMatchObject({ code: "CAPABILITY_DENIED" });
  }
  expect(seen).toEqual([]);
});

test("a host that the owner names is downloaded from", async () => {
  const { port } = await inside();
  const plugins = await open([`127.0.0.1:${port}`]);
  await expect(plugins.download(`http://127.0.0.1:${port}/a.cbz`)).resolves.toMatchObject({
    filename: "a.cbz",
  });
});
