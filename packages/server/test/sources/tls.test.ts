import { describe, expect, onTestFinished, test } from "vitest";
import type { Network } from "../../src/net/http-agents.ts";
import { createHttp } from "../../src/sources/http.ts";
import { makeAuthority } from "../support/authority.ts";
import { proxyTo } from "../support/connect-proxy.ts";
import { httpServer, httpsServer } from "../support/http-server.ts";

const limits = { maxBytes: 100, timeoutMs: 150_000 };
const authority = await makeAuthority("registry.test");

const get = async (url: string, network: Network) => {
  const http = createHttp({ attempts: 1, baseMs: 5 }, network);
  onTestFinished(() => http.close());
  const got = await http.get(new URL(url), "registry.json", limits);
  return got.changed && got.bytes.toString();
};

describe("a private certificate authority", () => {
  test("is not trusted, and the hint says how to trust it", async () => {
    const url = await httpsServer(authority, (_, response) => response.end("fine"));
    const failure = await get(url, {}).catch((error) => error);
    expect(failure).toMatchObject({ code: "SOURCE_CERTIFICATE", status: 502 });
    expect(failure.hint).toContain("HITAGI_CA_FILE");
  });

  test("is trusted when its certificate is configured, for its names only", async () => {
    const url = await httpsServer(authority, (_, response) => response.end("fine"));
    expect(await get(url, { ca: authority.ca })).toBe("fine");
    const other = await httpsServer(await makeAuthority(), (_, response) => response.end("fine"));
    await expect(get(other, { ca: authority.ca })).rejects.toMatchObject({ code: "SOURCE_CERTIFICATE" });
    const elsewhere = await proxyTo(url);
    await expect(
      get("https://other.test/", { ca: authority.ca, proxy: elsewhere.address }),
    ).rejects.toMatchObject({
      code: "SOURCE_CERTIFICATE",
      params: { reason: expect.stringContaining("host") },
    });
  });
});

describe("a proxy", () => {
  test.each(["https", "http"])("is used for a host, over %s", async (scheme) => {
    const listener = (_: unknown, response: { end(text: string): void }) => response.end("through");
    const origin = scheme === "https" ? await httpsServer(authority, listener) : await httpServer(listener);
    const proxy = await proxyTo(origin);
    const network = { ca: authority.ca, proxy: proxy.address };
    expect(await get(`${scheme}://registry.test/registry.json`, network)).toBe("through");
    expect(proxy.asked).toEqual([expect.stringMatching(/^CONNECT registry\.test:\d+ HTTP/)]);
  });

  test("is not used for this machine and for excluded hosts", async () => {
    const origin = await httpServer((_, response) => response.end("direct"));
    const proxy = await proxyTo(origin);
    expect(await get(origin, { proxy: proxy.address })).toBe("direct");
    const except = { proxy: proxy.address, proxyExcept: "example.org, .registry.invalid" };
    await expect(get("http://my.registry.invalid/", except)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
    expect(proxy.asked).toEqual([]);
  });
});
