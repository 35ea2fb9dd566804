import os from "node:os";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { allowedAddresses, isReachable } from "../../src/net/addresses.ts";
import { createHttp } from "../../src/sources/http.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { fetchAs, live, realBroker, scopeOf } from "../runtimes/broker/fixture.ts";
import { httpServer } from "../support/http-server.ts";

/** Public addresses, which this machine has for the time of a test. Nothing is ever sent to them. */
const OWN = ["1.1.1.1", "2606:4700::1111"];

beforeEach(() => {
  const rest = { netmask: "", mac: "", internal: false, cidr: null };
  vi.spyOn(os, "networkInterfaces").mockReturnValue({
    lo: [{ ...rest, address: "127.0.0.1", family: "IPv4", internal: true }],
    eth0: [
      { ...rest, address: "1.1.1.1", family: "IPv4" },
      { ...rest, address: "2606:4700::1111", family: "IPv6", scopeid: 0 },
    ],
  });
});
afterEach(() => void vi.restoreAllMocks());

const denied = { code: "CAPABILITY_DENIED" };
const lookup = async () => [{ address: "1.1.1.1", family: 4 }];

test.each([...OWN, "::ffff:1.1.1.1", "64:ff9b::101:101", "2606:4700:0:0:0:0:0:1111"])(
  "a public name does not open %s",
  (address) => {
    expect(isReachable(address, "public")).toBe(false);
  },
);

test("other public addresses stay open, and this machine's own to names of the local network", () => {
  expect(["1.1.1.2", "2606:4700::1112"].map((address) => isReachable(address, "public"))).toEqual([
    true,
    true,
  ]);
  expect(OWN.map((address) => isReachable(address, "local"))).toEqual([true, true]);
});

test("the address itself is open to the owner who names it", async () => {
  const [found] = await allowedAddresses("1.1.1.1", "itself", lookup, live());
  expect(found).toEqual({ address: "1.1.1.1", family: 4 });
});

test.each(["1.1.1.1", "[2606:4700::1111]", "own.example"])("a client downloads from %s", async (host) => {
  const { plugins, sideload } = await openPlugins({ lookup });
  const manifest = { namespace: "taker", type: "download", url_regex: "." } as const;
  await sideload(pluginSource(manifest, "return { downloadUrl: ctx.url };"));
  await expect(plugins.download(`http://${host}/a.cbz`)).rejects.toMatchObject(denied);
});

test("a plugin asks for a granted name", async () => {
  const { broker } = await realBroker({ lookup });
  for (const net of [["own.example"], ["*.example"]]) {
    await expect(fetchAs(broker, scopeOf({ net }), "http://own.example/")).rejects.toMatchObject(denied);
  }
});

test("a registry redirects", async () => {
  const registry = await httpServer((_, response) =>
    response.writeHead(302, { location: "http://1.1.1.1/admin" }).end(),
  );
  const http = createHttp({ attempts: 1, baseMs: 5 });
  const limits = { maxBytes: 1000, timeoutMs: 150_000 };
  const fetched = http.get(new URL("/registry.json", registry), "registry.json", limits);
  await expect(fetched).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
  await http.close();
});
