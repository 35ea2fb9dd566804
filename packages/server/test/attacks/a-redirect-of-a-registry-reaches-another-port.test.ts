import { expect, onTestFinished, test } from "vitest";
import type { Agents } from "../../src/net/http-agents.ts";
import { createHttp } from "../../src/sources/http.ts";
import { type Hop, hopPolicy, nextHop } from "../../src/sources/http-redirect.ts";
import { httpServer } from "../support/http-server.ts";

const limits = { maxBytes: 1000, timeoutMs: 150_000 };

/** A registry's host that redirects to another service of its machine, and the requests that this one got. */
const open = async (locationOf: (port: string) => string) => {
  const asked: string[] = [];
  const inside = await httpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("inside");
  });
  const registry = await httpServer((request, response) => {
    if (request.url === "/moved/registry.json") response.end("the index");
    else response.writeHead(302, { location: locationOf(new URL(inside).port) }).end();
  });
  const http = createHttp({ attempts: 1, baseMs: 5 });
  onTestFinished(() => http.close());
  return { asked, fetch: () => http.get(new URL("/registry.json", registry), "registry.json", limits) };
};

test.each(["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "localhost", "[::ffff:127.0.0.1]"])(
  "a redirect to another port of the host, spelled %s, is refused before anything is sent",
  async (host) => {
    const { asked, fetch } = await open((port) => `http://${host}:${port}/admin`);
    await expect(fetch()).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
    expect(asked).toEqual([]);
  },
);

const agents = {
  named: async () => ({ name: "named" }),
  elsewhere: async () => ({ name: "elsewhere" }),
};
/** The agent for a redirect, or the code of its error. */
const agentFor = async (from: string, to: string): Promise<unknown> => {
  const first: Hop = { url: new URL(from), privateHeaders: {} };
  try {
    const agent = await hopPolicy(agents as unknown as Agents).connect(nextHop(first, to), first);
    return (agent as unknown as { name: string }).name;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each([
  // From the default port of http to that of https, as web servers send their visitors.
  ["http://10.0.0.5/", "https://10.0.0.5/", "named"],
  ["http://nas.local:80/", "https://nas.local:443/", "named"],
  ["http://10.0.0.5:8080/", "http://10.0.0.5:8080/moved", "named"],
  // To every other port of a private host.
  ["http://10.0.0.5/", "http://10.0.0.5:8080/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5/", "https://10.0.0.5:8443/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5/", "http://10.0.0.5:443/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5:8080/", "http://10.0.0.5/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5:8080/", "https://10.0.0.5/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5:8080/", "https://10.0.0.5:8080/", "named"],
  ["http://[fd00::1]/", "http://[fd00::1]:22/", "SOURCE_REDIRECT"],
  // The addresses of a name are checked when it is looked up.
  ["http://nas.local/", "http://nas.local:8080/", "elsewhere"],
  ["http://nas.local:8080/", "https://nas.local/", "elsewhere"],
  ["https://10.0.0.5/", "http://10.0.0.5/", "SOURCE_REDIRECT"],
  ["http://10.0.0.5/", "http://example.org:8080/", "elsewhere"],
])("a redirect from %s to %s: %s", async (from, to, expected) => {
  expect(await agentFor(from, to)).toBe(expected);
});

test("a redirect on the same host and port is followed", async () => {
  const { fetch } = await open(() => "/moved/registry.json");
  const fetched = await fetch();
  expect(fetched.changed && fetched.bytes.toString()).toBe("the index");
});
