import { expect, test } from "vitest";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const ok = { code: "CAPABILITY_DENIED" };

test("a granted host answers with status, headers and body", async () => {
  const server = await serve((request, response) => {
    response.writeHead(201, "Made", { "x-seen": request.headers["x-mine"] ?? "" });
    request.pipe(response);
  });
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [server.host] });
  const options = { method: "POST", body: "hällo", headers: [["X-Mine", "1"]] as [string, string][] };
  const answer = await fetchAs(broker, scope, `${server.url}/a?b=c#d`, options);
  expect(answer).toMatchObject({ status: 201, statusText: "Made", redirected: false, text: "hällo" });
  expect(answer.url).toBe(`${server.url}/a?b=c`);
  expect(answer.headers).toContainEqual(["x-seen", "1"]);
  expect(server.requests[0]?.url).toBe("/a?b=c");
});

test("without a grant nothing is sent", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  await expect(fetchAs(broker, scopeOf({}), server.url)).rejects.toMatchObject(ok);
  await expect(fetchAs(broker, scopeOf({ net: [] }), server.url)).rejects.toMatchObject(ok);
  await expect(fetchAs(broker, scopeOf({ net: ["127.0.0.1:1"] }), server.url)).rejects.toMatchObject(ok);
  await expect(fetchAs(broker, scopeOf({ net: ["127.0.0.1"] }), server.url)).rejects.toMatchObject(ok);
  expect(server.requests).toHaveLength(0);
});

test.each(["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x", "blob:null/1", "ws://127.0.0.1/"])(
  "the scheme of %s is refused",
  async (url) => {
    const { broker } = await realBroker();
    await expect(fetchAs(broker, scopeOf({ net: ["127.0.0.1"] }), url)).rejects.toMatchObject(ok);
  },
);

test("a user name in the address is refused", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const url = `http://user:pass@${server.host}/`;
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), url)).rejects.toMatchObject(ok);
  expect(server.requests).toHaveLength(0);
});

test("a redirect to a host that is not granted is refused, and that host hears nothing", async () => {
  const other = await serve((_, response) => response.end("secret"));
  const server = await serve((_, response) => response.writeHead(302, { location: other.url }).end());
  const { broker } = await realBroker();
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject(ok);
  expect(other.requests).toHaveLength(0);
});

test("a redirect from a granted host to a granted name that is private is refused", async () => {
  const hidden = await serve((_, response) => response.end("secret"));
  const server = await serve((_, response) =>
    response.writeHead(302, { location: `http://evil.example:${hidden.port}/` }).end(),
  );
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const { broker } = await realBroker({ lookup });
  const scope = scopeOf({ net: [server.host, `evil.example:${hidden.port}`] });
  await expect(fetchAs(broker, scope, server.url)).rejects.toMatchObject(ok);
  expect(hidden.requests).toHaveLength(0);
});

test("a name that resolves to 127.0.0.1 is refused although it is granted, alone or among public addresses", async () => {
  const hidden = await serve((_, response) => response.end("secret"));
  const loopback = { address: "127.0.0.1", family: 4 };
  for (const addresses of [[loopback], [{ address: "1.1.1.1", family: 4 }, loopback]]) {
    const { broker } = await realBroker({ lookup: async () => addresses });
    const scope = scopeOf({ net: [`evil.example:${hidden.port}`, `*.example:${hidden.port}`] });
    await expect(fetchAs(broker, scope, `http://evil.example:${hidden.port}/`)).rejects.toMatchObject(ok);
  }
  expect(hidden.requests).toHaveLength(0);
});

/** As the name servers of nip.io and sslip.io: the name holds the address that it leads to. */
const addressInName = async (host: string) => {
  const [, four] = /(?:^|[.-])(\d+[.-]\d+[.-]\d+[.-]\d+)\.(?:nip|sslip)\.io$/.exec(host) ?? [];
  if (four !== undefined) return [{ address: four.replaceAll("-", "."), family: 4 }];
  return [{ address: host === "--1.sslip.io" ? "::1" : "fe80::1", family: 6 }];
};

test.each([
  "127.0.0.1.nip.io",
  "app-10-0-0-1.nip.io",
  "a.192-168-1-1.sslip.io",
  "169.254.169.254.nip.io",
  "100.64.0.1.nip.io",
  "--1.sslip.io",
  "fe80--1.sslip.io",
])("a wildcard over names that hold their address opens no private one: %s", async (host) => {
  const hidden = await serve((_, response) => response.end("secret"));
  const { broker } = await realBroker({ lookup: addressInName });
  const net = ["*.nip.io", "*.sslip.io"].flatMap((name) => [name, `${name}:${hidden.port}`]);
  for (const port of [80, hidden.port]) {
    await expect(fetchAs(broker, scopeOf({ net }), `http://${host}:${port}/`)).rejects.toMatchObject({
      ...ok,
      message: expect.stringContaining("an address that is not public"),
    });
  }
  expect(hidden.requests).toHaveLength(0);
});

test("a name is looked up once a request, and checked again for the next one", async () => {
  const server = await serve((_, response) => response.end("here"));
  let lookups = 0;
  const lookup = async () => {
    lookups += 1;
    return [{ address: lookups === 1 ? "127.0.0.1" : "192.0.2.1", family: 4 }];
  };
  const { broker } = await realBroker({ lookup });
  const scope = scopeOf({ net: [`localhost:${server.port}`] });
  const url = `http://localhost:${server.port}/`;
  expect((await fetchAs(broker, scope, url)).text).toBe("here");
  expect(lookups).toBe(1);
  expect(server.requests[0]?.headers.host).toBe(`localhost:${server.port}`);
  await expect(fetchAs(broker, scope, url)).rejects.toMatchObject(ok);
});

test("localhost is opened by its own name, resolved for real", async () => {
  const server = await serve((_, response) => response.end("here"));
  const { broker } = await realBroker();
  const url = `http://localhost:${server.port}/`;
  expect((await fetchAs(broker, scopeOf({ net: [`localhost:${server.port}`] }), url)).text).toBe("here");
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), url)).rejects.toMatchObject(ok);
});

test("the network log tells of each hop and refusal, newest first, without query and user information", async () => {
  const server = await serve((request, response) => {
    if (request.url?.startsWith("/go")) response.writeHead(302, { location: "/there?token=abc" }).end();
    else response.end("12345");
  });
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [server.host] });
  await fetchAs(broker, scope, `${server.url}/go?token=abc`);
  await expect(fetchAs(broker, scope, "http://me:secret@evil.example/x?y")).rejects.toMatchObject(ok);
  const log = await broker.networkLog("tester");
  expect(log).toMatchObject([
    { url: "http://evil.example/x", outcome: "CAPABILITY_DENIED", bytes: 0 },
    { url: `${server.url}/there`, outcome: 200, bytes: 5, method: "GET" },
    { url: `${server.url}/go`, outcome: 302 },
  ]);
  expect(await broker.networkLog("other")).toEqual([]);
});
