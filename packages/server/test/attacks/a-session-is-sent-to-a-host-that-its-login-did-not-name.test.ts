import { describe, expect, test } from "vitest";
import { createSessionCookies } from "../../src/runtimes/broker/session-cookies.ts";
import type { LoginSession } from "../../src/runtimes/types.ts";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

type SessionCookie = LoginSession["cookies"][number];

/** The cookies that a session sends to an address. */
const sentTo = async (
  url: string,
  cookie: Partial<SessionCookie> = {},
  more: Partial<LoginSession> = {},
): Promise<string | undefined> => {
  const session: LoginSession = {
    cookies: [{ name: "sid", value: "1", domain: "example.org", ...cookie }],
    headers: {},
    hosts: ["example.org", "*.example.org", "example.org:8443"],
    ...more,
  };
  const headers = await createSessionCookies()(session, "reader here").addTo([], new URL(url));
  return headers.find(([name]) => name === "cookie")?.[1];
};

describe("a cookie of a login", () => {
  test.each<[string, string, Partial<SessionCookie>, Partial<LoginSession>, string | undefined]>([
    ["is for its host", "https://example.org/", {}, {}, "sid=1"],
    ["is not for a subdomain", "https://evil.example.org/", {}, {}, undefined],
    [
      "is for subdomains if the login says so",
      "https://a.example.org/",
      { domain: ".example.org" },
      {},
      "sid=1",
    ],
    ["is not for a longer name", "https://notexample.org/", { domain: ".example.org" }, {}, undefined],
    [
      "is not for a host that was not granted to the login",
      "https://example.org/",
      {},
      { hosts: [] },
      undefined,
    ],
    ["is not for another port", "https://example.org:9443/", {}, {}, undefined],
    ["is for a port that was granted to the login", "https://example.org:8443/", {}, {}, "sid=1"],
    ["is for http too", "http://example.org/", {}, {}, "sid=1"],
    ["is for https only if it is secure", "http://example.org/", { secure: true }, {}, undefined],
    ["is sent over https if it is secure", "https://example.org/", { secure: true }, {}, "sid=1"],
    ["is for its path", "https://example.org/other", { path: "/member" }, {}, undefined],
    ["is for no public suffix", "https://example.org/", { domain: ".org" }, {}, undefined],
    [
      "is not for this machine because it is secure",
      "http://localhost/",
      { domain: "localhost", secure: true },
      { hosts: ["localhost"] },
      undefined,
    ],
  ])("%s", async (_, url, cookie, more, expected) => {
    expect(await sentTo(url, cookie, more)).toBe(expected);
  });
});

test("a cookie that a site sets on one port is not sent to another one", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "set-cookie": "fresh=1" }).end());
  const other = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const net = [server.host, other.host];
  const session: LoginSession = { cookies: [], headers: {}, hosts: net };
  const scope = scopeOf({ net }, { session: async () => session });
  await fetchAs(broker, scope, server.url);
  await fetchAs(broker, scope, server.url);
  await fetchAs(broker, scope, other.url);
  expect(server.requests.at(-1)?.headers.cookie).toBe("fresh=1");
  expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
});
