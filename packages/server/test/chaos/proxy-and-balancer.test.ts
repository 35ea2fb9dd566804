import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { call } from "../../chaos/client.ts";
import { createBalancer } from "../../chaos/load-balancer.ts";
import { createRedisProxy } from "../../chaos/redis-proxy.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A link to a server that sends everything back, and a connection through it. */
const linked = async () => {
  const socket = path.join(await tempFolder(), "echo.sock");
  const echo = createTcpServer((peer) => peer.on("error", () => {}).pipe(peer));
  await new Promise<void>((resolve) => echo.listen(socket, resolve));
  const proxy = await createRedisProxy(socket);
  onTestFinished(async () => {
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });
  const open = () => {
    const client = connect(proxy.port, "127.0.0.1");
    const got: string[] = [];
    client.on("data", (bytes) => got.push(bytes.toString())).on("error", () => {});
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    return { client, closed, text: () => got.join("") };
  };
  return { proxy, open };
};

test("a proxy forwards bytes, holds them back while it is stalled, and then delivers all", async () => {
  const { proxy, open } = await linked();
  const early = open();
  early.client.write("one ");
  await vi.waitFor(() => expect(early.text()).toBe("one "));
  proxy.stall();
  early.client.write("two");
  const late = open();
  await once(late.client, "connect");
  late.client.write("three");
  proxy.heal();
  await vi.waitFor(() => expect([early.text(), late.text()]).toEqual(["one two", "three"]));
  proxy.heal();
  early.client.write(" four");
  await vi.waitFor(() => expect(early.text()).toContain("four"));
  early.client.write(" five");
  await vi.waitFor(() => expect(early.text()).toBe("one two four five"));
});

test("a proxy that is cut resets open and new connections until it is healed", async () => {
  const { proxy, open } = await linked();
  const early = open();
  await once(early.client, "connect");
  proxy.cut();
  await early.closed;
  await open().closed;
  proxy.heal();
  const again = open();
  again.client.write("back");
  await vi.waitFor(() => expect(again.text()).toBe("back"));
});

/** A node that answers its name, or as it is shown. */
const fakeNode = async (name: string, status = () => 200) => {
  let calls = 0;
  const server = createServer((_, response) => {
    calls++;
    const code = status();
    // A code of 0 is an answer that never comes.
    if (code > 0) response.writeHead(code).end(JSON.stringify({ name, call: calls }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    calls: () => calls,
  };
};

type FakeNode = Awaited<ReturnType<typeof fakeNode>>;

const balancing = async (nodes: FakeNode[], options: Partial<Parameters<typeof createBalancer>[0]> = {}) => {
  const balancer = await createBalancer({ answerMs: 5000, restMs: 60_000, ...options });
  for (const { name, url } of nodes) balancer.place(name, url);
  onTestFinished(() => balancer.close());
  return balancer;
};

const use = { method: "POST", path: "/api/plugins/use?plugin=a" } as const;

test("calls go to all nodes in turn, and each answer names its node", async () => {
  const nodes = [await fakeNode("a"), await fakeNode("b")];
  const { url } = await balancing(nodes);
  const answers = [await call(url, use), await call(url, use), await call(url, use)];
  expect(new Set(answers.map(({ node }) => node))).toEqual(new Set(["a", "b"]));
  for (const { node, body } of answers) expect(body.name).toBe(node);
});

test("calls are answered although a node is gone, which is passed over for a while", async () => {
  const [here, gone] = [await fakeNode("here"), await fakeNode("gone")];
  await gone.close();
  const { url } = await balancing([here, gone]);
  for (let n = 0; n < 6; n++) expect(await call(url, use)).toMatchObject({ verdict: "ok", node: "here" });
});

test("a read that one node refuses for now is sent to another", async () => {
  const [ill, well] = [await fakeNode("ill", () => 503), await fakeNode("well")];
  const { url } = await balancing([ill, well]);
  for (let n = 0; n < 4; n++)
    expect(await call(url, { method: "GET", path: "/" })).toMatchObject({ node: "well" });
  expect(ill.calls()).toBeLessThanOrEqual(1);
});

test("a node that does not answer within the timeout is passed over", async () => {
  const [mute, well] = [await fakeNode("mute", () => 0), await fakeNode("well")];
  const { url } = await balancing([mute, well], { answerMs: 1000 });
  const answers = await Promise.all([call(url, use), call(url, use)]);
  expect(answers.map(({ reason }) => reason).sort()).toEqual(["504", "ok"]);
  for (let n = 0; n < 4; n++) expect(await call(url, use)).toMatchObject({ node: "well" });
});

test("a node with a cache that is never invalidated repeats its first answer", async () => {
  const { url } = await balancing([await fakeNode("a")], { staleNode: "a" });
  const [first, second] = [await call(url, use), await call(url, use)];
  expect(second.body).toEqual(first.body);
});
