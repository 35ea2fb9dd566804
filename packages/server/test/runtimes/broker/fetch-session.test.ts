import { expect, test } from "vitest";
import type { LoginSession } from "../../../src/runtimes/types.ts";
import { fetchAs, realBroker, scopeOf, serve } from "./fixture.ts";

const session = (hosts: string[], more: Partial<LoginSession> = {}): LoginSession => ({
  cookies: [{ name: "sid", value: "s3cret", domain: "127.0.0.1" }],
  headers: { "X-Token": "t0ken" },
  hosts,
  ...more,
});

test("a session's cookies and headers go to its hosts only", async () => {
  const server = await serve((_, response) => response.end());
  const other = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const net = [server.host, `localhost:${other.port}`];
  const scope = scopeOf({ net }, { session: async () => session([server.host]) });
  await fetchAs(broker, scope, server.url, {
    headers: [
      ["Cookie", "own=1"],
      ["x-token", "forged"],
    ],
  });
  await fetchAs(broker, scope, `http://localhost:${other.port}/`);
  expect(server.requests[0]?.headers).toMatchObject({ cookie: "own=1; sid=s3cret", "x-token": "t0ken" });
  expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
  expect(other.requests[0]?.headers).not.toHaveProperty("x-token");
});

test("a session does not follow a redirect to another host", async () => {
  const other = await serve((_, response) => response.end());
  const server = await serve((_, response) =>
    response.writeHead(302, { location: `http://localhost:${other.port}/` }).end(),
  );
  const { broker } = await realBroker();
  const net = [server.host, `localhost:${other.port}`];
  const scope = scopeOf({ net }, { session: async () => session([server.host]) });
  await fetchAs(broker, scope, server.url);
  expect(server.requests[0]?.headers.cookie).toBe("sid=s3cret");
  expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
  expect(other.requests[0]?.headers).not.toHaveProperty("x-token");
});

test("cookies that a site sets are kept for the session, used by its next call, and hidden from the plugin", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "set-cookie": ["fresh=1; Path=/", "foreign=1; Domain=example.org"] }).end();
  });
  const { broker } = await realBroker();
  const login = session([server.host]);
  const scope = () => scopeOf({ net: [server.host] }, { session: async () => login });
  const answer = await fetchAs(broker, scope(), server.url);
  await fetchAs(broker, scope(), server.url);
  expect(server.requests[1]?.headers.cookie).toBe("sid=s3cret; fresh=1");
  expect(answer.headers.map(([name]) => name)).not.toContain("set-cookie");
});

test("another session has a jar of its own", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "set-cookie": "fresh=1" }).end());
  const { broker } = await realBroker();
  for (const login of [session([server.host]), session([server.host])]) {
    await fetchAs(broker, scopeOf({ net: [server.host] }, { session: async () => login }), server.url);
  }
  expect(server.requests[1]?.headers.cookie).toBe("sid=s3cret");
});

test("without a session a plugin sees what a site sets, and nothing is kept", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "set-cookie": "fresh=1" }).end());
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [server.host] });
  expect((await fetchAs(broker, scope, server.url)).headers).toContainEqual(["set-cookie", "fresh=1"]);
  await fetchAs(broker, scope, server.url);
  expect(server.requests[1]?.headers).not.toHaveProperty("cookie");
});

test("a login is asked for once a call, and only when a request needs it", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  let logins = 0;
  const login = async () => {
    logins += 1;
    return session([server.host]);
  };
  const requestHost = broker.bind(scopeOf({ net: [server.host] }, { session: login }));
  const { signal } = new AbortController();
  await requestHost("cache.get", { key: "a" }, signal);
  expect(logins).toBe(0);
  const args = { url: server.url, method: "GET", headers: [] };
  await Promise.all([requestHost("fetch", args, signal), requestHost("fetch", args, signal)]);
  expect(logins).toBe(1);
});

test("a session cannot set the headers of the message", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const login = session([server.host], { headers: { Host: "evil.example", "X-Token": "t" } });
  await fetchAs(broker, scopeOf({ net: [server.host] }, { session: async () => login }), server.url);
  expect(server.requests[0]?.headers).toMatchObject({ host: server.host, "x-token": "t" });
});
