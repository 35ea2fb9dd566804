import { expect, onTestFinished, test } from "vitest";
import { createHttp } from "../../src/sources/http.ts";
import { httpServer } from "../support/http-server.ts";

const limits = { maxBytes: 1000, timeoutMs: 10_000 };

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

test("a redirect on the same host and port is followed", async () => {
  const { fetch } = await open(() => "/moved/registry.json");
  const fetched = await fetch();
  expect(fetched.changed && fetched.bytes.toString()).toBe("the index");
});
