import { describe, expect, test } from "vitest";
import { realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";
import { clientOf } from "../runtimes/broker/proxy-client.ts";

const MB = 1024 * 1024;

/** A site, and a client of the proxy of a call that is granted it. */
const granted = async (listener: Parameters<typeof serve>[0], proxyLimits = {}) => {
  const site = await serve(listener);
  const { broker } = await realBroker({ proxyLimits });
  const scope = scopeOf({ net: [site.host] }, { directNetwork: true });
  const network = broker.openNetwork(scope);
  const outcomes = async () => (await broker.networkLog(scope.namespace)).map(({ outcome }) => outcome);
  return { site, network, outcomes, ...(await clientOf(network)) };
};

const closing = "Connection: close\r\n\r\n";

describe("a plugin's proxy", () => {
  test.each([
    ["two lengths", "Content-Length: 5\r\nContent-Length: 44"],
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
    ["an unknown encoding", "Transfer-Encoding: xchunked"],
    ["a name with a space", "Content-Length : 5"],
    ["a bare line feed in a name", "X\n: y"],
  ])("refuses %s", async (_, header) => {
    const { site, send } = await granted((_request, response) => response.end("ok"));
    const answer = await send(`POST ${site.url}/ HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\nhello`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(site.requests).toHaveLength(0);
  });

  test("sets the Host, the framing and the connection itself, and ignores those of the plugin", async () => {
    const { site, send } = await granted((request, response) =>
      response.end(JSON.stringify(request.headers)),
    );
    const answer = await send(
      `GET ${site.url}/ HTTP/1.1\r\nHost: elsewhere\r\nProxy-Authorization: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nX-Own: 1\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const seen = site.requests[0]?.headers ?? {};
    expect(seen).toMatchObject({ host: site.host, "x-own": "1" });
    for (const name of ["proxy-authorization", "x-hop", "te", "upgrade"])
      expect(seen).not.toHaveProperty(name);
  });

  test.each([
    ["an address without a host", "GET /secret HTTP/1.1"],
    ["another scheme", "GET file:///etc/passwd HTTP/1.1"],
    ["the scheme of a socket", "GET http+unix://%2Frun%2Fx/ HTTP/1.1"],
    ["an unknown method", "TRACE http://example.org/ HTTP/1.1"],
    ["a tunnel with a path", "CONNECT example.org:443/x HTTP/1.1"],
    ["a tunnel with a user", "CONNECT me@example.org:443 HTTP/1.1"],
  ])("refuses %s", async (_, line) => {
    const { send } = await granted((_request, response) => response.end("ok"));
    expect(await send(`${line}\r\nHost: x\r\n${closing}`)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test("refuses a credential in the address", async () => {
    const { site, send } = await granted((_request, response) => response.end("ok"));
    const answer = await send(`GET http://a:b@${site.host}/ HTTP/1.1\r\nHost: x\r\n${closing}`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("refuses floods of headers, by their number and by their size", async () => {
    const { site, send } = await granted((_request, response) => response.end("ok"));
    const many = Array.from({ length: 500 }, (_, n) => `X-${n}: 1\r\n`).join("");
    expect(await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\n${many}${closing}`)).toMatch(/^HTTP\/1\.1 4/);
    const large = `X: ${"x".repeat(100_000)}\r\n`;
    expect(await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\n${large}${closing}`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(site.requests).toHaveLength(0);
  });

  test("cuts off an answer and refuses a request that is larger than allowed", async () => {
    const limits = { responseBytes: MB, requestBytes: MB };
    const { site, send, outcomes } = await granted((request, response) => {
      request.resume();
      if (request.url === "/announced") response.setHeader("content-length", 4 * MB);
      for (let n = 0; n < 4; n++) response.write("x".repeat(MB));
      response.end();
    }, limits);
    const unannounced = await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\n${closing}`);
    expect(unannounced.length).toBeLessThan(2 * MB);
    expect(await send(`GET ${site.url}/announced HTTP/1.1\r\nHost: x\r\n${closing}`)).toMatch(
      /^HTTP\/1\.1 429 /,
    );
    const body = "x".repeat(2 * MB);
    await send(
      `POST ${site.url}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${closing}${body}`,
    );
    expect(site.requests.filter(({ method }) => method === "POST")).toEqual([]);
    expect(await outcomes()).toEqual(["CAPABILITY_LIMIT", "CAPABILITY_LIMIT", "CAPABILITY_LIMIT"]);
  });

  test("cuts off a tunnel that carries more than allowed", async () => {
    const { site, send, outcomes } = await granted((_request, response) => response.end("x".repeat(4 * MB)), {
      responseBytes: MB,
    });
    const answer = await send(
      `CONNECT ${site.host} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n${closing}`,
    );
    expect(answer.length).toBeLessThan(2 * MB);
    expect(await outcomes()).toEqual(["CAPABILITY_LIMIT"]);
  });

  test("ends a connection that says nothing, and one whose site says nothing", async () => {
    const { site, open, read, send } = await granted(() => {}, { idleMs: 50 });
    expect(await read(await open())).toBe("");
    expect(await send(`GET ${site.url}/ HTTP/1.1\r\nHost: x\r\n${closing}`)).not.toMatch(/ 200 /);
  });

  test("serves 64 connections at once, and no more", async () => {
    const { open, read } = await granted((_request, response) => response.end("ok"));
    const sockets = await Promise.all(Array.from({ length: 70 }, open));
    const ended: number[] = [];
    const ends = sockets.map(async (socket, n) => {
      await read(socket);
      ended.push(n);
    });
    await Promise.all(ends.slice(64));
    expect(ended.sort((a, b) => a - b)).toEqual([64, 65, 66, 67, 68, 69]);
    for (const socket of sockets) socket.destroy();
    await Promise.all(ends);
  });
});
