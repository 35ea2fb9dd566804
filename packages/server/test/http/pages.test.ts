import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGE_PLACES } from "../../src/http/routes/page.ts";
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
  it.each(["/", ...PAGE_PLACES.flatMap((place) => [`/${place}`, `/${place}/anything/below`])])(
    "show the page at %s, which loads nothing from other hosts",
    async (address) => {
      const page = await get(address);
      expect(page.statusCode).toBe(200);
      expect(page.headers["content-type"]).toMatch(/^text\/html/);
      expect(page.headers["cache-control"]).toBe("no-cache");
      expect(page.body).toContain("<title>Hitagi</title>");
      expect(fetched(page.body)).toEqual([]);
    },
  );

  it("forbid inline scripts and styles, frames, and text as HTML", async () => {
    const policy = String((await get("/")).headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it("have files that never change, compressed for browsers that take it, and not sent twice", async () => {
    const { body } = await get("/");
    const [, script = ""] = /<script type="module"[^>]* src="(\/assets\/[^"]+\.js)"/.exec(body) ?? [];
    const plain = await get(script);
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const small = await get(script, { "accept-encoding": "gzip, br" });
    expect(small.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(small.rawPayload).equals(plain.rawPayload)).toBe(true);
    const gzipped = await get(script, { "accept-encoding": "gzip" });
    expect(gzipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzipped.rawPayload).equals(plain.rawPayload)).toBe(true);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    for (const [header, encoding] of [
      ["br;q=0, gzip", "gzip"],
      ["br; q=0.000, gzip;Q=0", undefined],
      ["br;q=0.001", "br"],
    ])
      expect((await get(script, { "accept-encoding": header ?? "" })).headers["content-encoding"]).toBe(
        encoding,
      );
    const tags = [plain, small, gzipped].map(({ headers }) => String(headers.etag));
    expect(new Set(tags).size).toBe(3);
    for (const [tag, status] of [
      [tags[0], 200],
      [tags[1], 304],
      [`W/${tags[1]}`, 304],
    ] as const) {
      const asked = { "accept-encoding": "gzip, br", "if-none-match": String(tag) };
      expect((await get(script, asked)).statusCode, tag).toBe(status);
    }
    const known = await get(script, { "if-none-match": String(plain.headers.etag) });
    expect([known.statusCode, known.body]).toEqual([304, ""]);
    expect((await get("/assets/nothing.js")).json().code).toBe("ROUTE_NOT_FOUND");
  });

  it("leave LANraragi's other addresses as they are", async () => {
    for (const address of ["/reader", "/config", "/stats", "/upload", "/login", "/logs", "/tankoubons"])
      expect((await get(address)).json().code, address).toBe("ROUTE_NOT_FOUND");
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
    expect(["ok", "low", "full"]).toContain(body.disk);
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
