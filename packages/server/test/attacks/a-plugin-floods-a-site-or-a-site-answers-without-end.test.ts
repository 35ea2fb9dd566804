import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { fetchAs, live, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const limit = { code: "CAPABILITY_LIMIT" };

test("a body larger than the limit is cut off, and the server is not read to its end", async () => {
  let sent = 0;
  const chunk = Buffer.alloc(64 * 1024);
  const server = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on("drain", more);
    more();
  });
  const { broker } = await realBroker({ fetchLimits: { responseBytes: 1024 * 1024 } });
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject(limit);
  await vi.waitFor(() => expect(server.requests[0]?.socket.destroyed).toBe(true));
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

test("a small gzip file that unpacks to a large one stops at the limit", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const server = await serve((_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  );
  const { broker } = await realBroker();
  const before = process.memoryUsage().arrayBuffers;
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject(limit);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 1024 * 1024);
});

test("gzip is decompressed, and its headers are removed", async () => {
  const packed = gzipSync("hello");
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length }).end(packed);
  });
  const { broker } = await realBroker();
  const answer = await fetchAs(broker, scopeOf({ net: [server.host] }), server.url);
  expect(answer.text).toBe("hello");
  const names = answer.headers.map(([name]) => name);
  expect(names).not.toContain("content-encoding");
  expect(names).not.toContain("content-length");
});

test("gzip that is cut off is a failed request", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello").subarray(0, 12));
  });
  const { broker } = await realBroker();
  const fetching = fetchAs(broker, scopeOf({ net: [server.host] }), server.url);
  await expect(fetching).rejects.toMatchObject({ code: "REQUEST_FAILED" });
});

test("a body that never ends stops at the total time, however often a byte comes", async () => {
  const server = await serve((_, response) => {
    const drip = setInterval(() => response.write("."), 20);
    response.on("close", () => clearInterval(drip));
  });
  const { broker } = await realBroker({ fetchLimits: { totalMs: 300 } });
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject(limit);
});

test("a slow redirect chain has one total time", async () => {
  const server = await serve((_, response) => {
    setTimeout(() => response.writeHead(302, { location: "/again" }).end(), 100);
  });
  const { broker } = await realBroker({ fetchLimits: { totalMs: 250 } });
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject(limit);
  expect(server.requests.length).toBeLessThan(5);
});

test("a request of more than 4 MiB is refused before it is sent", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const body = "x".repeat(4 * 1024 * 1024 + 1);
  const fetching = fetchAs(broker, scopeOf({ net: [server.host] }), server.url, { method: "POST", body });
  await expect(fetching).rejects.toMatchObject(limit);
  expect(server.requests).toHaveLength(0);
});

test("a call that is cancelled ends its request", async () => {
  const server = await serve(() => {});
  const { broker } = await realBroker();
  const cancel = new AbortController();
  const fetching = fetchAs(broker, scopeOf({ net: [server.host] }), server.url, { signal: cancel.signal });
  const ended = expect(fetching).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  cancel.abort();
  await ended;
  await vi.waitFor(() => expect(server.requests[0]?.socket.destroyed).toBe(true));
});

test("at most eight requests of a plugin are in flight, the rest wait, and a flood is refused", async () => {
  const inFlight = new Set<ServerResponse>();
  let [most, begun] = [0, 0];
  const server = await serve((request, response) => {
    if (request.url === "/quick") return void response.end();
    begun++;
    inFlight.add(response);
    most = Math.max(most, inFlight.size);
    response.on("close", () => inFlight.delete(response));
  });
  const { broker } = await realBroker();
  const requestHost = broker.bind(scopeOf({ net: [server.host] }));
  const stop = new AbortController();
  const args = { url: server.url, method: "GET", headers: [] };
  const flood = Array.from({ length: 200 }, () =>
    requestHost("fetch", args, stop.signal).catch((error) => error.code),
  );
  const other = scopeOf({ net: [server.host] }, { namespace: "other" });
  for (const count of [8, 16]) {
    await vi.waitFor(() => expect(begun).toBe(count));
    // More requests of the flood would come before those that another plugin makes after it.
    for (let n = 0; n < 3; n++) await fetchAs(broker, other, `${server.url}/quick`);
    expect(begun).toBe(count);
    for (const response of inFlight) response.end();
  }
  await vi.waitFor(() => expect(begun).toBeGreaterThan(16));
  stop.abort();
  const outcomes = await Promise.all(flood);
  expect(most).toBe(8);
  expect(outcomes.filter((code) => code === "CAPABILITY_LIMIT").length).toBeGreaterThan(100);
});

test("no more than twenty requests of a plugin start within a second", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  // The throttle's clock: a second passes when the test says so.
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const scope = scopeOf({ net: [server.host] });
  const fetching = Array.from({ length: 21 }, () => fetchAs(broker, scope, server.url));
  await Promise.all(fetching.slice(0, 20));
  vi.advanceTimersByTime(999);
  const other = scopeOf({ net: [server.host] }, { namespace: "other" });
  for (let n = 0; n < 3; n++) await fetchAs(broker, other, server.url);
  expect(server.requests).toHaveLength(23);
  vi.advanceTimersByTime(1);
  await fetching[20];
  expect(server.requests).toHaveLength(24);
});

test("a flood of one plugin does not slow down another", async () => {
  const server = await serve((request, response) => {
    if (request.url === "/quick") response.end("quick");
  });
  const { broker } = await realBroker();
  const stop = new AbortController();
  const requestHost = broker.bind(scopeOf({ net: [server.host] }, { namespace: "flooder" }));
  const args = { url: server.url, method: "GET", headers: [] };
  const flood = Array.from({ length: 40 }, () =>
    requestHost("fetch", args, stop.signal).catch(() => undefined),
  );
  const scope = scopeOf({ net: [server.host] });
  expect((await fetchAs(broker, scope, `${server.url}/quick`, { signal: live() })).text).toBe("quick");
  stop.abort();
  await Promise.all(flood);
});
