import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { createDeferred } from "../../../src/async/deferred.ts";
import type { LoggedLine } from "../../../src/runtimes/types.ts";
import { realBroker, scopeOf, serve } from "./fixture.ts";
import { clientOf } from "./proxy-client.ts";

test("a tunnel stays open for longer than its connection may take to open", async () => {
  const asked = createDeferred<ServerResponse>();
  const site = await serve((_, response) => asked.resolve(response.writeHead(200)));
  // The time to connect passes when the test says so.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { broker } = await realBroker({ proxyLimits: { connectMs: 100 } });
  const network = broker.openNetwork(scopeOf({ net: [site.host] }, { directNetwork: true }));
  const { send } = await clientOf(network);
  const answer = send(
    `CONNECT ${site.host} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  const response = await asked.promise;
  vi.advanceTimersByTime(1000);
  response.end("after a second");
  expect(await answer).toContain("after a second");
});

test("headers of an answer keep their bytes", async () => {
  const site = await serve((_, response) => {
    response.setHeader("x-utf8", Buffer.from("題").toString("latin1"));
    response.setHeader("x-latin1", "\xe9").end();
  });
  const { broker } = await realBroker();
  const network = broker.openNetwork(scopeOf({ net: [site.host] }, { directNetwork: true }));
  const { send } = await clientOf(network);
  const answer = await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toContain(`x-utf8: ${Buffer.from("題").toString("latin1")}\r\nx-latin1: \xe9\r\n`);
});

test("a host that is not granted is told to the owner once, though the plugin says nothing of it", async () => {
  const lines: LoggedLine[] = [];
  const { broker } = await realBroker();
  const scope = scopeOf(
    { net: ["other.example"] },
    { directNetwork: true, onLine: (line) => lines.push(line) },
  );
  const network = broker.openNetwork(scope);
  for (let n = 0; n < 2; n++) {
    const { send } = await clientOf(network);
    expect(await send("CONNECT site.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")).toContain(" 403 ");
  }
  await vi.waitFor(() =>
    expect(lines).toEqual([{ level: "warn", text: expect.stringContaining("site.example") }]),
  );
});
