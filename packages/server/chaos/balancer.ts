import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { ANSWERED_BY } from "./ask.ts";

/** What an owner puts before several nodes: the node with the fewest calls under way gets the next, one that failed rests. */
export interface Balancer {
  readonly url: string;
  /** Where a node listens now; undefined where it does not. */
  place(node: string, url: string | undefined): void;
  /** Resolves once no node works on anything that was asked through here, also where its caller was told 504 long ago. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** Milliseconds that a node may take to answer. */
  answerMs: number;
  /** Milliseconds that a node is passed over after it failed. */
  restMs: number;
  /** Answers calls of plugins that this node gets from what it answered first, for ever: a cache that nobody invalidates. */
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

/** A node that could not be connected to has not heard of the call, so that another may be asked. */
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

/** Runs on a free port of loopback. Each call has a connection of its own, so that one that breaks is no other's. */
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
  /** Calls that only read are asked of another node where one failed; others only where nothing of them arrived. */
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
