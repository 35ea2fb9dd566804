import { expect, onTestFinished, test } from "vitest";
import { createConnections } from "../../src/net/connections.ts";
import { serve } from "../runtimes/broker/fixture.ts";

const loopback = [{ address: "127.0.0.1", family: 4 }];

const open = () => {
  const connections = createConnections();
  onTestFinished(() => connections.close());
  return connections;
};

test("a connection uses the checked address and does not resolve the name again", async () => {
  const server = await serve((request, response) => response.end(request.headers.host));
  // RFC 6761 §6.4: no resolver has an address for this name.
  const origin = `http://rebound.invalid:${server.port}`;
  const { body } = await (await open().to("tester", origin, loopback)).request({ path: "/", method: "GET" });
  expect(await body.text()).toBe(`rebound.invalid:${server.port}`);
});

test("a connection is reused only by the same plugin for the same origin and addresses", async () => {
  const connections = open();
  const first = await connections.to("tester", "http://a.example", loopback);
  expect(await connections.to("tester", "http://a.example", loopback)).toBe(first);
  const others = [
    await connections.to("other", "http://a.example", loopback),
    await connections.to("tester", "http://b.example", loopback),
    await connections.to("tester", "http://a.example", [{ address: "127.0.0.2", family: 4 }]),
  ];
  expect(others).not.toContain(first);
});

test("at most 64 pools are kept; the least recently used one is closed", async () => {
  const connections = open();
  const first = await connections.to("tester", "http://first.example", loopback);
  const second = await connections.to("tester", "http://second.example", loopback);
  for (let n = 0; n < 62; n++) await connections.to("tester", `http://n${n}.example`, loopback);
  await connections.to("tester", "http://first.example", loopback);
  await connections.to("tester", "http://last.example", loopback);
  expect([first.closed, second.closed]).toEqual([false, true]);
});
