import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { api, errorTable } from "@hitagi/contract";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { fixtureIndex, writeRegistry } from "../../support/registry-fixture.ts";
import { fixturePlugins } from "../plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "../test-server.ts";
import { archiveExchanges, lastExchanges } from "./archives.ts";
import { categoryExchanges } from "./categories.ts";
import { pluginExchanges } from "./plugins.ts";
import { type Exchange, failed } from "./recording.ts";
import { registryExchanges } from "./registries.ts";

const exchanges = [
  ...archiveExchanges,
  ...categoryExchanges,
  ...registryExchanges,
  ...pluginExchanges,
  ...lastExchanges,
];
const bytes = cbz("recorded");

let server: TestServer;
/** The values of the placeholders. */
const known: Record<string, unknown> = {
  checksum: createHash("sha1").update(bytes).digest("hex"),
  index: fixtureIndex(fixturePlugins),
};

beforeAll(async () => {
  server = await openTestServer();
  known.folder = path.join(server.folder, "recorded");
  known.empty = path.join(server.folder, "empty");
  await mkdir(String(known.empty));
  await writeRegistry(String(known.folder), fixturePlugins);
});
afterAll(() => server.close());

/** A copy with every `{name}` replaced; a text that is exactly one placeholder becomes its value. */
const filled = (value: unknown): unknown => {
  if (typeof value === "string") {
    const whole = /^\{(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined && whole in known) return known[whole];
    return value.replace(/\{(\w+)\}/g, (all, name: string) => (name in known ? String(known[name]) : all));
  }
  if (Array.isArray(value)) return value.map(filled);
  if (value === null || typeof value !== "object" || "asymmetricMatch" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
};

const payloadOf = ({ json, form, upload }: Exchange): Pick<InjectOptions, "payload" | "headers"> => {
  if (json !== undefined) return { payload: filled(json) as object };
  if (form !== undefined) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { payload: new URLSearchParams(form).toString(), headers };
  }
  if (upload === undefined) return {};
  const payload = new FormData();
  const fields = filled(upload.fields ?? {}) as Record<string, string>;
  for (const [name, value] of Object.entries(fields)) payload.append(name, value);
  payload.append("file", new Blob([new Uint8Array(bytes)]), upload.file);
  return { payload };
};

const send = async (exchange: Exchange) => {
  const { call, path: at, key = KEY } = exchange;
  const { payload, headers } = payloadOf(exchange);
  const answer = await server.http.inject({
    method: call.split(" ")[0] as "GET",
    url: String(filled(at.startsWith("//") ? at.slice(1) : `/api${at}`)),
    headers: { ...(key === null ? {} : bearer(key)), ...headers },
    ...(payload !== undefined && { payload }),
  });
  const isJson = String(answer.headers["content-type"]).startsWith("application/json");
  return { status: answer.statusCode, body: isJson ? answer.json() : answer.body };
};

const answerTo = (exchange: Exchange): ReturnType<typeof send> =>
  vi.waitFor(
    async () => {
      const answer = await send(exchange);
      if (exchange.ended) expect(["finished", "failed"]).toContain(answer.body.state);
      return answer;
    },
    { interval: 10 },
  );

const picked = (body: unknown, [field, value]: readonly [string, string]): unknown =>
  (body as Record<string, unknown>[]).find((item) => item[field] === value);

/** The value at a path such as `result.code` or `registries.[0].age`. */
const inside = (body: unknown, name: string): unknown =>
  name
    .split(".")
    .reduce<unknown>(
      (at, part) => (at as Record<string, unknown>)?.[part.replace(/^\[(\d+)\]$/, "$1")],
      body,
    );

describe("the exchanges of LANraragi's clients", () => {
  it.each(exchanges.map((exchange) => [exchange.call, exchange.what, exchange] as const))(
    "%s: %s",
    async (_call, _what, exchange) => {
      const answer = await answerTo(exchange);
      expect(answer.status, JSON.stringify(answer.body)).toBe(exchange.status);
      const body = exchange.pick ? picked(answer.body, exchange.pick) : answer.body;
      expect(body).toEqual(filled(exchange.body));
      for (const name of exchange.more ?? []) expect(inside(body, name), name).toBeDefined();
      for (const [name, field] of Object.entries(exchange.keep ?? {})) known[name] = inside(body, field);
    },
  );
});

describe("a locked resource", () => {
  it.each([
    ["registry", "POST /registries/{id}/refresh", "/registries/{registry}/refresh", "refresh_registry"],
    ["registry", "DELETE /registries/{id}", "/registries/{registry}", "delete_registry"],
    ["plugin", "DELETE /plugins/installed/{namespace}", "/plugins/installed/tagger", "uninstall_plugin"],
  ])("gives 423: a %s, %s", async (kind, call, at, operation) => {
    const lock = await server.services.store.locks.tryAcquire(
      `${kind}:${kind === "plugin" ? "tagger" : String(known.registry)}`,
    );
    const busy = await send({ call, what: "", path: at, status: 423, body: null });
    await lock?.release();
    expect(busy).toEqual({ status: 423, body: failed(operation, "already in progress").body });
  });
});

describe("the messages that clients look for in a failed install", () => {
  it.each([
    ["REGISTRY_NOT_FOUND", "doesn't exist"],
    ["REGISTRY_NOT_REFRESHED", "No registry index cached"],
    ["PLUGIN_NOT_IN_REGISTRY", "not found in registry"],
    ["VERSION_NOT_FOUND", "not found for plugin"],
    ["SOURCE_PATH_ESCAPES", "escapes registry root: "],
    ["NAMESPACE_TAKEN", "already exists as a {origin} plugin.{advice}"],
    ["OTHER_REGISTRY", "already installed from '{registry}' (v{version}). Use force to overwrite."],
    ["HASH_MISMATCH", "SHA-256 mismatch"],
    ["ARTIFACT_NAME_INVALID", "Invalid plugin filename"],
    ["PACKAGE_MISMATCH", "Package mismatch"],
    ["LOAD_FAILED", "failed to load"],
    ["LOAD_CHECK_FAILED", "load check failed"],
    ["PLUGIN_BUSY", "already in progress"],
  ] as const)("are in the message of %s: %s", (code, words) => {
    expect(errorTable[code][1]).toContain(words);
  });
});

/** Calls that differ from LANraragi's on purpose. */
const different = new Set(["POST /config/plugins", "POST /plugins/install", "GET /archives/{id}/thumbnail"]);

/** Calls that accept more than LANraragi's. */
const wider = new Set(["POST /registries", "PUT /registries/{id}", "GET /archives"]);

const verdictOf = (call: string): string => {
  if (different.has(call)) return "different";
  const successes = exchanges.filter((exchange) => exchange.call === call && exchange.status === 200);
  return wider.has(call) || successes.some(({ more = [] }) => more.length > 0) ? "more" : "same";
};

describe("the table of operations in docs/lanraragi.md", () => {
  const page = readFileSync(path.resolve(import.meta.dirname, "../../../../../docs/lanraragi.md"), "utf8");
  const rows = [...page.matchAll(/^\| `((?:GET|PUT|POST|DELETE) [^`]+)` \| (\w+) \|/gm)].map(
    ([, call = "", verdict = ""]) => [call, verdict] as const,
  );

  it("lists exactly the operations that are tested here", () => {
    const calls = new Set(exchanges.map(({ call }) => call));
    expect(rows.map(([call]) => call).sort()).toEqual([...calls].sort());
  });

  it.each(rows)("says of %s the verdict of the exchanges: %s", (call, verdict) => {
    expect(verdict).toBe(verdictOf(call));
  });

  it("lists only operations of the contract", () => {
    const parts = (text: string) => text.replace(/:(\w+)/g, "{$1}").replace(/\{\w+\}/g, "{}");
    const routes = new Set(Object.values(api).map((route) => parts(`${route.method} ${route.path}`)));
    const missing = rows.filter(
      ([call]) => !routes.has(parts(call.replace(" /", " /api/"))) && call !== "GET /",
    );
    expect(missing).toEqual([]);
  });
});
