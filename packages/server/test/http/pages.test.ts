import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const get = (url: string, headers: Record<string, string> = {}) => server.http.inject({ url, headers });

/** Addresses on other hosts that a page would fetch: scripts, images, styles, head links and imports. */
const fetched = (html: string): string[] =>
  [...html.matchAll(/(?:src|href)="([^"]+)"|url\(([^)]+)\)/g)]
    .map((m) => m[1] ?? m[2] ?? "")
    .filter((address) => /^(https?:)?\/\//.test(address));

describe("the pages", () => {
  it("describe the server at / and link the docs", async () => {
    const page = await get("/");
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.body).toContain("Hitagi");
    expect(page.body).toContain('href="/api/docs/"');
    expect(fetched(page.body)).toEqual([]);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("show the operations at /api/docs without requests to other hosts", async () => {
    const page = await get("/api/docs/");
    expect(page.statusCode).toBe(200);
    expect(fetched(page.body)).toEqual([]);
    const own = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1] ?? "");
    expect(own.length).toBeGreaterThan(4);
    for (const address of own) {
      const asset = await get(new URL(address, "http://host/api/docs/").pathname);
      expect(asset.statusCode, address).toBe(200);
      if (address.endsWith(".css")) expect(fetched(asset.body)).toEqual([]);
    }
    const start = await get("/api/docs/static/swagger-initializer.js");
    expect(start.body).toContain("validatorUrl: null");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:/);
    expect((await get("/api/docs/json")).json().openapi).toBe("3.1.0");
  });

  it("have a request id and nosniff, and keep a valid id of the client", async () => {
    const plain = await get("/api/info");
    expect(plain.headers["x-content-type-options"]).toBe("nosniff");
    expect(plain.headers["x-request-id"]).toMatch(/^[0-9a-f]{12}-\d+$/);
    expect((await get("/api/info")).headers["x-request-id"]).not.toBe(plain.headers["x-request-id"]);
    expect((await get("/api/info", { "x-request-id": "mine-1" })).headers["x-request-id"]).toBe("mine-1");
    const odd = "<script>";
    expect((await get("/api/info", { "x-request-id": odd })).headers["x-request-id"]).not.toBe(odd);
  });

  it("do not allow other origins to read a response or to send a key", async () => {
    const headers = {
      origin: "https://elsewhere.example",
      "access-control-request-headers": "authorization",
    };
    const asked = await server.http.inject({ method: "OPTIONS", url: "/api/registries", headers });
    for (const answer of [asked, await get("/api/info", headers)]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    expect(asked.statusCode).toBe(404);
  });

  it("answer unknown paths with a failure of the contract's form", async () => {
    const answer = await get("/api/nothing?secret=1");
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ success: 0, code: "ROUTE_NOT_FOUND" });
    expect(answer.body).not.toContain("secret");
    const bad = await get("/api/registries/%zz");
    expect(bad.statusCode).toBe(400);
    expect(bad.json()).toMatchObject({ success: 0, code: "VALIDATION_FAILED", status: 400 });
  });
});

describe("the server's own operations", () => {
  it("describe the server, which never needs a restart", async () => {
    const { body } = await server.call("getInfo");
    expect(body).toMatchObject({ name: "Hitagi", total_archives: 0, restart_required: false });
  });

  it("report a healthy server", async () => {
    const { status, body } = await server.call("getHealth");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", store: "ok", runtimes: { deno: "ok" }, quarantined: 0 });
  });
});

describe("a server without its store", () => {
  it("sends 503 at /healthz and serves other requests", async () => {
    const broken = await openTestServer();
    try {
      await broken.services.store.close();
      const { status, body } = await broken.call("getHealth");
      expect(status).toBe(503);
      expect(body).toMatchObject({ status: "degraded", store: "failed" });
    } finally {
      await broken.close();
    }
  });
});
