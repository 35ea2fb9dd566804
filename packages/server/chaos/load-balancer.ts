import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { ANSWERED_BY } from "./client.ts";

/** A load balancer: the node with the fewest calls in flight gets the next, and a node that failed is passed over for some time. */
export interface Balancer {
  readonly url: string;
  /** Sets where a node listens; undefined while it does not. */
  place(node: string, url: string | undefined): void;
  /** Resolves once no node works on anything that was asked through here, also where its caller was shown 504 long ago. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** Milliseconds that a node may take to answer. */
  answerMs: number;
  /** Milliseconds that a node is passed over after it failed. */
  restMs: number;
  /** Puts a cache that is never invalidated in front of this node's plugin calls. */
  staleNode?: string | undefined;
}

interface Upstream {
  node: string;
  url: string;
  underWay: number;
  restsUntil: number;
}

interface Given {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

interface Got {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** The node has not received the call, so that it can be sent to another. */
class NotConnected extends Error {}

const forward = ({ url }: Upstream, { method, path, headers, body }: Given, agent: Agent): Promise<Got> =>
  new Promise((resolve, reject) => {
    let connected = false;
    const sent = request(new URL(path, url), { method, headers, agent }, (response) => {
      const { statusCode: status = 502, headers: answered } = response;
      buffer(response).then((bytes) => resolve({ status, headers: answered, body: bytes }), reject);
    });
    sent.on("socket", (socket) => socket.once("connect", () => (connected = true)));
    sent.on("error", (error) =>
      reject(connected ? error : new NotConnected(error.message, { cause: error })),
    );
    sent.end(body);
  });

const say = (response: ServerResponse, status: number, error: string): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ operation: "balancer", success: 0, error }));
};

/** Listens on a free loopback port. Each call has a connection of its own, so that a broken one fails one call only. */
export const createBalancer = async ({ answerMs, restMs, staleNode }: BalancerOptions): Promise<Balancer> => {
  const upstreams = new Map<string, Upstream>();
  const copies = new Map<string, Got>();
  const agent = new Agent({ keepAlive: false });
  let underWay = 0;
  let turn = 0;

  const choose = (tried: ReadonlySet<string>): Upstream | undefined => {
    const untried = [...upstreams.values()].filter(({ node }) => !tried.has(node));
    const rested = untried.filter((u) => u.restsUntil <= performance.now());
    const from = rested.length > 0 ? rested : untried;
    const least = Math.min(...from.map((u) => u.underWay));
    const equal = from.filter((u) => u.underWay === least);
    return equal[turn++ % equal.length];
  };
  const rest = (upstream: Upstream): void => {
    upstream.restsUntil = performance.now() + restMs;
  };

  const tryOne = async (upstream: Upstream, given: Given): Promise<Got> => {
    const copied = upstream.node === staleNode && given.path.startsWith("/api/plugins/use");
    const copy = copies.get(given.path);
    if (copied && copy) return copy;
    upstream.underWay++;
    underWay++;
    try {
      const got = await forward(upstream, given, agent);
      if (copied && got.status === 200) copies.set(given.path, got);
      return got;
    } finally {
      upstream.underWay--;
      underWay--;
    }
  };
  /** A read is sent to another node if one fails; another call only if no node received it. */
  const tryAll = async (given: Given, response: ServerResponse, tried = new Set<string>()): Promise<void> => {
    const upstream = choose(tried);
    if (!upstream) return say(response, 502, "no node takes this call");
    tried.add(upstream.node);
    try {
      const { status, headers, body } = await tryOne(upstream, given);
      if (status === 503) rest(upstream);
      if (response.writableEnded) return;
      if (status === 503 && given.method === "GET" && tried.size < upstreams.size) {
        return tryAll(given, response, tried);
      }
      response.writeHead(status, { ...headers, [ANSWERED_BY]: upstream.node }).end(body);
    } catch (error) {
      rest(upstream);
      if (response.writableEnded) return;
      if (error instanceof NotConnected || given.method === "GET") return tryAll(given, response, tried);
      say(response, 502, "the node's connection broke");
    }
  };

  const server = createServer(async (incoming, response) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const tried = new Set<string>();
    const late = setTimeout(() => {
      const last = upstreams.get([...tried].at(-1) ?? "");
      if (last) rest(last);
      say(response, 504, "the node took too long");
    }, answerMs);
    response.once("close", () => clearTimeout(late));
    response.once("finish", () => clearTimeout(late));
    try {
      await tryAll({ method, path, headers, body: await buffer(incoming) }, response, tried);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    place: (node, url) => {
      if (url === undefined) upstreams.delete(node);
      else upstreams.set(node, { node, url, underWay: 0, restsUntil: 0 });
    },
    idle: async () => {
      while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
};
