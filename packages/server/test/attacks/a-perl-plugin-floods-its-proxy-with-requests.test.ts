import { expect, test } from "vitest";
import { realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";
import { clientOf } from "../runtimes/broker/proxy-client.ts";

const ask = (url: string) => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`;

const granted = async () => {
  const site = await serve((_, response) => response.end("ok"));
  const { broker } = await realBroker();
  const network = broker.openNetwork(scopeOf({ net: [site.host] }, { directNetwork: true }));
  return { site, ...(await clientOf(network)) };
};

const answersIn = (text: string): number => text.match(/^HTTP/gm)?.length ?? 0;

test("a connection with thousands of requests at once is closed, and few of them are made", async () => {
  const { site, send } = await granted();
  expect(answersIn(await send(ask(`${site.url}/`).repeat(20_000)))).toBeLessThan(10);
  expect(site.requests.length).toBeLessThan(10);
});

test("64 connections with thousands of refused requests are closed too", async () => {
  const { send } = await granted();
  const flood = ask("/").repeat(20_000);
  const answers = await Promise.all(Array.from({ length: 64 }, () => send(flood)));
  expect(Math.max(...answers.map(answersIn))).toBeLessThan(10);
});

test("requests of one connection after each other, and large ones, are answered", async () => {
  const { site, open } = await granted();
  const socket = await open();
  const answerTo = (request: string): Promise<string> => {
    const answer = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
    socket.write(request);
    return answer;
  };
  for (let n = 0; n < 10; n++) expect(await answerTo(ask(`${site.url}/${n}`))).toMatch(/^HTTP\/1\.1 200 /);
  const body = "x".repeat(1024 * 1024);
  const large = `POST ${site.url}/large HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  expect(await answerTo(large)).toMatch(/^HTTP\/1\.1 200 /);
  expect(site.requests.map(({ url }) => url)).toEqual([..."0123456789"].map((n) => `/${n}`).concat("/large"));
  socket.destroy();
});
