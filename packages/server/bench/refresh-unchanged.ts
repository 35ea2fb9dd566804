import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SERVER_ACTOR } from "@hitagi/contract";
import { fixtureIndex } from "../test/support/registry-fixture.ts";
import { compare } from "./compare.ts";
import { withServices } from "./in-process.ts";
import { type BenchOptions, compared, type Row } from "./measure.ts";

const REGISTRIES = 20;
/** Milliseconds that the hosts take to answer: the first at once, the last as one far away. */
const FASTEST_MS = 20;
const SLOWEST_MS = 150;

/** Hosts that each answer a conditional request after a time of their own. */
const slowHosts = async () => {
  const body = JSON.stringify(fixtureIndex([]));
  const server = createServer((request, response) => {
    const n = Number(/^\/(\d+)\//.exec(request.url ?? "")?.[1] ?? 0);
    const wait = FASTEST_MS + ((SLOWEST_MS - FASTEST_MS) * n) / (REGISTRIES - 1);
    setTimeout(() => {
      if (request.url?.endsWith("/registry.head")) return response.writeHead(404).end();
      response.setHeader("etag", '"1"');
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
      else response.end(body);
    }, wait);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
};

const request = async (url: string, status: number): Promise<void> => {
  const response = await fetch(url, { headers: { "if-none-match": '"1"' } });
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`the host answered ${response.status}`);
};

/** What a refresh asks the slowest host, without Hitagi: the head, which is not there, then the index on condition. */
const requests = async (url: string): Promise<number> => {
  const begun = performance.now();
  await request(`${url}/registry.head`, 404);
  await request(`${url}/registry.json`, 304);
  return performance.now() - begun;
};

/** A refresh of 20 registries that did not change, against the requests of the slowest one alone. */
export const benchUnchanged = ({ quick, tries }: BenchOptions): Promise<Row[]> =>
  withServices(async ({ registries, refreshAll }) => {
    const hosts = await slowHosts();
    for (let n = 0; n < REGISTRIES; n++) {
      await registries.create({ name: `${n}`, provider: "cdn", url: `${hosts.url}/${n}` });
    }
    const refresh = async (unchanged: boolean): Promise<number> => {
      const begun = performance.now();
      const outcomes = await refreshAll(SERVER_ACTOR)();
      if (!outcomes.every(({ changed }) => changed === !unchanged)) throw new Error("not what was expected");
      return performance.now() - begun;
    };
    try {
      await refresh(false);
      await refresh(true);
      const found = await compare(
        quick ? 7 : 15,
        async () => ({
          floor: await requests(`${hosts.url}/${REGISTRIES - 1}`),
          value: await refresh(true),
        }),
        tries,
      );
      return [compared("unchanged", `refresh of ${REGISTRIES} unchanged registries`, "ms", found)];
    } finally {
      hosts.close();
    }
  });
