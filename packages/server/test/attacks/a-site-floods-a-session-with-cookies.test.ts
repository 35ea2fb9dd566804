import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createSessionCookies, type SessionCookies } from "../../src/runtimes/broker/session-cookies.ts";
import type { LoginSession } from "../../src/runtimes/types.ts";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const ANSWERS = 40;
const names = (prefix: string) => Array.from({ length: 500 }, (_, n) => `${prefix}${n}`);

const loginAt = (hosts: string[]): LoginSession => ({
  cookies: [{ name: "sid", value: "s3cret", domain: "127.0.0.1" }],
  headers: {},
  hosts,
});

/** A site, and a plugin that reads it with a session. */
const setup = async (setCookies: (request: number) => string[]) => {
  let count = 0;
  const server = await serve((_, response) => {
    count++;
    response.writeHead(200, { "set-cookie": setCookies(count) }).end();
  });
  const { broker } = await realBroker();
  const session = loginAt([server.host]);
  const scope = scopeOf({ net: [server.host] }, { session: async () => session });
  const read = () => fetchAs(broker, scope, server.url);
  const sent = () => (server.requests.at(-1)?.headers.cookie ?? "").split("; ");
  return { read, sent };
};

test("of an answer with hundreds of cookies at most 50 are kept, and the login's stays", async () => {
  const { read, sent } = await setup((n) => names(`c${n}-`).map((name) => `${name}=1`));
  for (let n = 0; n < 5; n++) await read();
  expect(sent()).toContain("sid=s3cret");
  expect(sent().length).toBeLessThanOrEqual(50);
});

test("a cookie of more than 4 KB is not kept, and the ones beside it are", async () => {
  const { read, sent } = await setup(() => [
    `big=${"x".repeat(4100)}`,
    "small=1",
    `a=1; Comment=${"x".repeat(9000)}`,
  ]);
  await read();
  await read();
  expect(sent()).toEqual(["sid=s3cret", "small=1"]);
});

/** The cookies of a login at these hosts, as one plugin has them. */
const cookiesOf = (hosts: string[]): SessionCookies => createSessionCookies()(loginAt(hosts), "reader");

const sentTo = async (cookies: SessionCookies, url: string): Promise<string[]> =>
  (await cookies.addTo([], new URL(url))).flatMap(([, value]) => value.split("; "));

test("cookies of a site for many paths count together: the newest 50 stay", async () => {
  const cookies = cookiesOf(["a.example"]);
  for (let n = 0; n < 120; n++) await cookies.keep([`c=1; Path=/${n}`], new URL(`https://a.example/${n}`));
  const kept: number[] = [];
  for (let n = 0; n < 120; n++) {
    if ((await sentTo(cookies, `https://a.example/${n}`)).length > 0) kept.push(n);
  }
  expect(kept).toEqual(Array.from({ length: 50 }, (_, n) => 70 + n));
});

test("many hosts together keep 256 cookies: those of the login, and the newest", async () => {
  const hosts = Array.from({ length: 9 }, (_, n) => `h${n}.example`);
  const cookies = cookiesOf([...hosts, "127.0.0.1"]);
  for (const host of hosts) {
    const answer = names("c")
      .slice(0, 50)
      .map((name) => `${name}=1`);
    await cookies.keep(answer, new URL(`https://${host}/`));
  }
  const counts: number[] = [];
  for (const host of hosts) counts.push((await sentTo(cookies, `https://${host}/`)).length);
  expect(counts).toEqual([0, 0, 0, 5, 50, 50, 50, 50, 50]);
  expect(await sentTo(cookies, "https://127.0.0.1/")).toEqual(["sid=s3cret"]);
});

test("reading their answers costs about as much as other headers of the same size", async () => {
  const cookies = names("c").map((name) => `${name}=1`);
  const flooding = await serve((_, response) => response.writeHead(200, { "set-cookie": cookies }).end());
  const plain = await serve((_, response) => response.writeHead(200, { "x-field": cookies }).end());
  const { broker } = await realBroker();
  const session = loginAt([flooding.host, plain.host]);
  const net = [flooding.host, plain.host];
  const cost = async (url: string) => {
    const began = process.cpuUsage();
    for (let n = 0; n < ANSWERS; n++) {
      const scope = scopeOf(
        { net },
        { namespace: toNamespace(`reader-${n % 8}`), session: async () => session },
      );
      await fetchAs(broker, scope, url);
    }
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  await cost(plain.url);
  const ratio = (await cost(flooding.url)) / (await cost(plain.url));
  expect(ratio).toBeLessThan(8);
});
