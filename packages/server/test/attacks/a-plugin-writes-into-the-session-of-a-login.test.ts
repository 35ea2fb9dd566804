import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { LoginSession } from "../../src/runtimes/types.ts";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const cookiesAt = (request: { headers: { cookie?: string | undefined } } | undefined) =>
  request?.headers.cookie;

test("what a site sets for one plugin reaches no other plugin of the session", async () => {
  const server = await serve((_, response) =>
    response.writeHead(200, { "set-cookie": ["sid=forged; Path=/", "more=1"] }).end(),
  );
  const { broker } = await realBroker();
  const session: LoginSession = {
    cookies: [{ name: "sid", value: "s3cret", domain: "127.0.0.1" }],
    headers: {},
    hosts: [server.host],
  };
  const as = (namespace: string, source = "sideloaded") =>
    fetchAs(
      broker,
      scopeOf(
        { net: [server.host] },
        { namespace: toNamespace(namespace), source, session: async () => session },
      ),
      server.url,
    );
  await as("attacker");
  await as("attacker");
  await as("neighbour");
  await as("attacker", "another registry");
  expect(server.requests.map(cookiesAt)).toEqual([
    "sid=s3cret",
    "sid=forged; more=1",
    "sid=s3cret",
    "sid=s3cret",
  ]);
  expect(session.cookies).toEqual([{ name: "sid", value: "s3cret", domain: "127.0.0.1" }]);
});
