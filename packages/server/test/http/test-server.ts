import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Api, api, CSRF_HEADER, type OperationId, type Route } from "@hitagi/contract";
import type { FastifyInstance, InjectOptions } from "fastify";
import { pino } from "pino";
import { expect, vi } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig, type SettingName } from "../../src/config/config.ts";
import type { Limits } from "../../src/http/limits.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { createFirstKey, createKeyRotation, type FirstKey } from "../../src/keys/first-key.ts";
import type { Services } from "../../src/services.ts";
import { expectToMatch } from "./expect-to-match.ts";

export const KEY = "a key: with ünïcode";

/** The header that LANraragi's clients send. */
export const bearer = (key: string): { authorization: string } => ({
  authorization: `Bearer ${Buffer.from(key).toString("base64")}`,
});

/** What a browser that is signed in sends instead of a key. */
export interface Browser {
  cookie: string;
  /** Absent for a request without the session's token. */
  csrf?: string | undefined;
}

/** The browser that an answer signed in. */
export const browserOf = ({ headers, body }: Answered): Browser => ({
  cookie: String(headers["set-cookie"]).split(";")[0] ?? "",
  csrf: body.csrf,
});

const credentials = ({ browser }: Sent): Record<string, string> =>
  browser
    ? { cookie: browser.cookie, ...(browser.csrf !== undefined && { [CSRF_HEADER]: browser.csrf }) }
    : bearer(KEY);

/** A test's request: loosely typed, because many requests are invalid on purpose. */
export interface Sent {
  params?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  /** Sent unchanged instead of `body`. */
  payload?: InjectOptions["payload"];
  from?: string;
  /** Sends a browser's session in place of the key. */
  browser?: Browser;
}

export interface Answered {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, checked by their schemas
  body: any;
  text: string;
  headers: Record<string, unknown>;
}

export interface TestServer {
  http: FastifyInstance;
  services: Services;
  firstKey: FirstKey;
  folder: string;
  /** The operations that have responded with 200. */
  answered: Set<OperationId>;
  /** Sends one call with the right key, and checks the response against the contract's schema. */
  call(id: OperationId, sent?: Sent): Promise<Answered>;
  /** The result of a job once it has ended. */
  ended(job: number): Promise<Answered["body"]>;
  close(): Promise<void>;
}

const urlOf = (route: Route, { params = {}, query = {} }: Sent): string => {
  const path = route.path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)] as [string, string]),
  );
  return search.size > 0 ? `${path}?${search}` : path;
};

const send = async (http: FastifyInstance, id: OperationId, sent: Sent): Promise<Answered> => {
  const route: Api[OperationId] & Route = api[id];
  const payload = sent.payload ?? (sent.body as InjectOptions["payload"]);
  const answer = await http.inject({
    method: route.method,
    url: urlOf(route, sent),
    headers: { ...credentials(sent), ...sent.headers },
    ...(payload !== undefined && { payload }),
    ...(sent.from !== undefined && { remoteAddress: sent.from }),
  });
  const body = route.media && answer.statusCode === 200 ? answer.body : answer.json();
  expectToMatch(route, answer.statusCode, body);
  return { status: answer.statusCode, body, text: answer.body, headers: answer.headers };
};

/** A server with the real store, sandbox and library on a new data folder; it does not listen. */
export const openTestServer = async (
  settings: Partial<Record<SettingName, string>> = {},
  limits?: Limits,
): Promise<TestServer> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-http-"));
  const log = pino({ level: "silent" });
  const config = readConfig({ data: path.join(folder, "data"), warm: "0", log: "silent", ...settings }, {});
  const app = await createApp(config, log);
  const firstKey = createFirstKey(KEY, createKeyRotation(app.services.store.keys, config.data));
  const http = await createHttpServer(app.services, firstKey, limits);
  await app.start();
  const answered = new Set<OperationId>();
  const call = async (id: OperationId, sent: Sent = {}) => {
    const answer = await send(http, id, sent);
    if (answer.status === 200) answered.add(id);
    return answer;
  };
  const ended = (job: number): Promise<Answered["body"]> =>
    vi.waitFor(
      async () => {
        const { body } = await call("getJobDetail", { params: { job } });
        expect(["finished", "failed"]).toContain(body.state);
        return body;
      },
      { interval: 10 },
    );
  const close = async () => {
    await http.close();
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { http, services: app.services, firstKey, folder, answered, call, ended, close };
};
