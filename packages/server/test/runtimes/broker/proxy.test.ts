import { expect, test } from "vitest";
import { realBroker, scopeOf, serve } from "./fixture.ts";
import { clientOf } from "./proxy-client.ts";

test("a tunnel stays open for longer than its connection may take to open", async () => {
  const site = await serve((_, response) => {
    let n = 0;
    const timer = setInterval(() => {
      response.write(`${n++},`);
      if (n < 10) return;
      clearInterval(timer);
      response.end("end");
    }, 20);
  });
  const { broker } = await realBroker({ proxyLimits: { connectMs: 100 } });
  const network = broker.openNetwork(scopeOf({ net: [site.host] }, { directNetwork: true }));
  const { send } = await clientOf(network);
  const answer = await send(
    `CONNECT ${site.host} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/0,1,2,3,4,5,6,7,8,9,end/);
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
