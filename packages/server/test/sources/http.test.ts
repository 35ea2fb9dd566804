import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { brotliCompressSync, constants, createGzip, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createHttp, type Http, type HttpFetchOptions } from "../../src/sources/http.ts";
import { webPageError } from "../../src/sources/web-page.ts";
import { httpServer } from "../support/http-server.ts";

const MIB = 1024 * 1024;
const limits: HttpFetchOptions = { maxBytes: MIB, timeoutMs: 150_000 };

const quickHttp = (): Http => {
  const http = createHttp({ attempts: 4, baseMs: 5 });
  onTestFinished(() => http.close());
  return http;
};

/** Serves with a listener and gets one file from it. */
const get = async (listener: RequestListener, options: Partial<HttpFetchOptions> = {}, path = "/f") => {
  const url = new URL(path, await httpServer(listener));
  return quickHttp().get(url, "registry.json", { ...limits, ...options });
};

const text = async (listener: RequestListener, options: Partial<HttpFetchOptions> = {}) => {
  const got = await get(listener, options);
  return got.changed ? got.bytes.toString() : undefined;
};

/** Answers each request with the next of some listeners, and the last one again and again; counts them. */
const inTurn = (...listeners: RequestListener[]) => {
  const seen = { requests: 0, times: [] as number[] };
  const listener = (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => {
    seen.times.push(performance.now());
    listeners[Math.min(seen.requests++, listeners.length - 1)]?.(request, response as never);
  };
  return { seen, listener };
};

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(code, headers).end();
const ok: RequestListener = (_, response) => response.end("fine");
const reset: RequestListener = (request) => request.socket.resetAndDestroy();

describe("conditional requests", () => {
  test("send both validators and return those of the response", async () => {
    const seen: unknown[] = [];
    const got = await get(
      ({ headers }, response) => {
        seen.push(headers["if-none-match"], headers["if-modified-since"]);
        response.writeHead(200, { etag: 'W/"2"', "last-modified": "Tue, 02 Jan 2024 00:00:00 GMT" }).end("x");
      },
      { validators: { etag: '"1"', lastModified: "Mon, 01 Jan 2024 00:00:00 GMT" } },
    );
    expect(seen).toEqual(['"1"', "Mon, 01 Jan 2024 00:00:00 GMT"]);
    expect(got).toMatchObject({
      changed: true,
      validators: { etag: 'W/"2"', lastModified: "Tue, 02 Jan 2024 00:00:00 GMT" },
    });
  });

  test("with the response 304 mean unchanged", async () => {
    expect(await get(status(304), { validators: { etag: '"1"' } })).toEqual({ changed: false });
  });

  test("are required for the response 304", async () => {
    await expect(get(status(304))).rejects.toMatchObject({ code: "SOURCE_STATUS", params: { status: 304 } });
  });
});

describe("statuses", () => {
  test.each([404, 410])("%i is a missing file without a retry", async (code) => {
    const { seen, listener } = inTurn(status(code));
    await expect(get(listener)).rejects.toMatchObject({
      code: "SOURCE_FILE_MISSING",
      params: { path: "registry.json" },
    });
    expect(seen.requests).toBe(1);
  });

  test.each([201, 204, 206, 400, 418, 501])("%i is reported without a retry", async (code) => {
    const { seen, listener } = inTurn(status(code));
    await expect(get(listener)).rejects.toMatchObject({ code: "SOURCE_STATUS", params: { status: code } });
    expect(seen.requests).toBe(1);
  });
});

describe("retries", () => {
  test.each([401, 403])("%i is a credential error without a retry", async (code) => {
    const { seen, listener } = inTurn(status(code));
    await expect(get(listener)).rejects.toMatchObject({
      code: "SOURCE_CREDENTIAL_NEEDED",
      params: { status: code },
    });
    await expect(get(listener, { headers: { authorization: "token x" } })).rejects.toMatchObject({
      code: "SOURCE_CREDENTIAL_REFUSED",
    });
    expect(seen.requests).toBe(2);
  });

  test.each([429, 500, 502, 503, 504])("%i is retried until it succeeds", async (code) => {
    const { seen, listener } = inTurn(status(code), status(code), ok);
    expect(await text(listener)).toBe("fine");
    expect(seen.requests).toBe(3);
  });

  test("end after four attempts with the last status", async () => {
    const { seen, listener } = inTurn(status(503));
    await expect(get(listener)).rejects.toMatchObject({ code: "SOURCE_STATUS", params: { status: 503 } });
    expect(seen.requests).toBe(4);
  });

  test("follow a reset connection", async () => {
    const { seen, listener } = inTurn(reset, ok);
    expect(await text(listener)).toBe("fine");
    expect(seen.requests).toBe(2);
  });

  test("follow a truncated response and start again", async () => {
    const cutOff: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("fi", () => response.destroy());
    };
    const { seen, listener } = inTurn(cutOff, ok);
    expect(await text(listener)).toBe("fine");
    expect(seen.requests).toBe(2);
  });

  test("wait for the seconds of Retry-After", async () => {
    const { seen, listener } = inTurn(status(429, { "retry-after": "1" }), ok);
    expect(await text(listener)).toBe("fine");
    expect((seen.times[1] ?? 0) - (seen.times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test("wait until the date of Retry-After", async () => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
    const { seen, listener } = inTurn(status(503, { "retry-after": at.toUTCString() }), ok);
    expect(await text(listener)).toBe("fine");
    expect(seen.requests).toBe(2);
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime() - 10);
  });

  test("are not made when Retry-After is beyond the deadline", async () => {
    // A wait would end at the deadline with SOURCE_TIMEOUT.
    const { seen, listener } = inTurn(status(429, { "retry-after": "3600" }));
    await expect(get(listener)).rejects.toMatchObject({ code: "SOURCE_RATE_LIMITED" });
    expect(seen.requests).toBe(1);
  });

  test("are not made for a refused connection", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await expect(
      quickHttp().get(new URL(`http://127.0.0.1:${port}/`), "registry.json", limits),
    ).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.not.stringContaining("127.0.0.1"),
    });
  });
});

describe("the total time", () => {
  const drip: RequestListener = (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  };

  test.each<[string, RequestListener]>([
    ["drips", drip],
    ["never answers", () => {}],
    ["is always busy", status(503, { "retry-after": "0" })],
  ])("cuts off a server that %s", async (_, listener) => {
    const http = createHttp({ attempts: Number.POSITIVE_INFINITY, baseMs: 5 });
    onTestFinished(() => http.close());
    const url = new URL(await httpServer(listener));
    await expect(http.get(url, "registry.json", { ...limits, timeoutMs: 300 })).rejects.toMatchObject({
      code: expect.stringMatching(/^SOURCE_(TIMEOUT|STATUS)$/),
    });
  });

  test("is in the error, with the file, when a server drips", async () => {
    await expect(get(drip, { timeoutMs: 200 })).rejects.toMatchObject({
      code: "SOURCE_TIMEOUT",
      params: { seconds: 0.2, path: "registry.json" },
    });
  });

  test("ends the connection", async () => {
    const closed = vi.fn();
    const listener: RequestListener = (request, response) => {
      request.socket.on("close", closed);
      drip(request, response);
    };
    await expect(get(listener, { timeoutMs: 200 })).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  });

  test("ends early when the caller aborts, with the caller's reason", async () => {
    const controller = new AbortController();
    const listener: RequestListener = (request, response) => {
      drip(request, response);
      controller.abort(new Error("given up"));
    };
    await expect(get(listener, { signal: controller.signal })).rejects.toThrow("given up");
  });
});

describe("the size", () => {
  const tooLarge = { code: "SOURCE_TOO_LARGE", params: { path: "registry.json", limit: MIB } };

  test("is refused by Content-Length before the body is read", async () => {
    const written = vi.fn();
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": String(2 * MIB) });
      response.write("x");
      response.on("close", () => written(response.writableFinished));
    };
    await expect(get(listener)).rejects.toMatchObject(tooLarge);
    await vi.waitFor(() => expect(written).toHaveBeenCalledWith(false));
  });

  test("is counted while the body arrives", async () => {
    const block = Buffer.alloc(MIB / 4);
    let sent = 0;
    const listener: RequestListener = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(block)) sent += block.length;
      };
      response.on("drain", more);
      more();
    };
    await expect(get(listener)).rejects.toMatchObject(tooLarge);
    expect(sent).toBeLessThan(64 * MIB);
  });

  const bomb = Buffer.alloc(256 * MIB);
  test.each([
    ["gzip", gzipSync(bomb, { level: 1 })],
    ["br", brotliCompressSync(bomb, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ["deflate", deflateSync(bomb, { level: 1 })],
  ])("of a %s bomb is counted during decompression", async (encoding, bytes) => {
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 1);
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bytes);
    try {
      // The small part of the bomb that is let through before it is noticed is bounded by the wire's own limit.
      await expect(get(listener, { maxBytes: MIB })).rejects.toMatchObject({ code: "SOURCE_TOO_LARGE" });
    } finally {
      clearInterval(watch);
    }
    expect(most - before).toBeLessThan(100 * MIB);
  });

  test("of endless empty gzip members is counted on the wire", async () => {
    const empty = Buffer.concat(Array.from({ length: 1000 }, () => gzipSync("")));
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      const more = () => {
        while (!response.destroyed && response.write(empty));
      };
      response.on("drain", more);
      more();
    };
    await expect(get(listener)).rejects.toMatchObject(tooLarge);
  });

  test("below Content-Length is an error", async () => {
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": "50" });
      response.write("short", () => response.destroy());
    };
    await expect(get(listener)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("cut off"),
    });
  });

  test("of an incomplete chunked body is an error", async () => {
    const listener: RequestListener = (_, response) => {
      response.writeHead(200);
      response.write("half", () => response.destroy());
    };
    await expect(get(listener)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });
});

describe("encodings", () => {
  test.each([
    ["gzip", gzipSync("plain")],
    ["x-gzip", gzipSync("plain")],
    ["GZIP", gzipSync("plain")],
    ["br", brotliCompressSync("plain")],
    ["deflate", deflateSync("plain")],
    ["deflate", deflateRawSync("plain")],
    ["identity", Buffer.from("plain")],
    ["gzip, gzip", gzipSync(gzipSync("plain"))],
    // The header names one of two encodings, and none.
    ["gzip", gzipSync(gzipSync("plain"))],
    ["identity", gzipSync(gzipSync("plain"))],
  ])("%s is decoded", async (encoding, bytes) => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bytes);
    expect(await text(listener)).toBe("plain");
  });

  test.each([
    ["zstd", Buffer.from("plain")],
    ["gzip, gzip", gzipSync("plain")],
    ["constructor", Buffer.from("plain")],
    ["gzip", Buffer.from("not gzip at all")],
    ["gzip", gzipSync("plain").subarray(0, 20)],
  ])("%s that cannot be decoded is an error", async (encoding, bytes) => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bytes);
    await expect(get(listener)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("a large file is decoded as a stream", async () => {
    const large = Buffer.from("0123456789".repeat(90_000));
    const listener: RequestListener = (_, response) => {
      const gzip = createGzip();
      response.writeHead(200, { "content-encoding": "gzip" });
      gzip.pipe(response);
      gzip.end(large);
    };
    const got = await get(listener);
    expect(got.changed && got.bytes.equals(large)).toBe(true);
  });
});

describe("a web page in place of the file", () => {
  const page =
    (title: string): RequestListener =>
    (_, response) =>
      response.setHeader("content-type", "text/html").end(`<!doctype html><title>${title}</title>`);
  const login: RequestListener = (_, response) =>
    response.end('\n<html><form><input name="p" type="password"></form></html>');

  test("is called one", async () => {
    await expect(get(page("Welcome"))).rejects.toMatchObject({
      code: "SOURCE_WEB_PAGE",
      message: expect.stringContaining("a web page instead of registry.json"),
    });
  });

  test("with a password field is called a login page", async () => {
    await expect(get(login)).rejects.toMatchObject({ code: "SOURCE_LOGIN_PAGE" });
  });

  test.each(["/users/sign_in", "/login?next=%2Ff", "/auth/realms/x", "/oauth2/authorize"])(
    "that a redirect to %s leads to is called a login page",
    async (location) => {
      const listener: RequestListener = (request, response) =>
        request.url === "/f"
          ? response.writeHead(302, { location }).end()
          : page("Welcome")(request, response);
      await expect(get(listener)).rejects.toMatchObject({
        code: "SOURCE_LOGIN_PAGE",
        message: expect.stringContaining("127.0.0.1"),
      });
    },
  );

  test("that a network sends is called a captive portal", async () => {
    await expect(get(status(511))).rejects.toMatchObject({ code: "SOURCE_CAPTIVE_PORTAL" });
    const [file, portal] = [new URL("http://registry.example/f"), new URL("http://portal.example/hello")];
    const error = webPageError(Buffer.from("<html>"), "registry.json", file, portal);
    expect(error?.code).toBe("SOURCE_CAPTIVE_PORTAL");
    expect(error?.message).toContain("portal.example");
  });

  test("is no JSON that says it is one", async () => {
    const listener: RequestListener = (_, response) =>
      response.setHeader("content-type", "text/html").end('{"html":"<html>"}');
    expect(await text(listener)).toBe('{"html":"<html>"}');
  });
});

describe("redirects", () => {
  const to = (location: string, code = 302) => status(code, { location });

  test.each([301, 302, 303, 307, 308])("by %i are followed", async (code) => {
    const listener: RequestListener = (request, response) =>
      (request.url === "/f" ? to("/g?x=1", code) : ok)(request, response);
    expect(await text(listener)).toBe("fine");
  });

  test("are followed five times but not six", async () => {
    const steps =
      (last: number): RequestListener =>
      (request, response) => {
        const step = Number(request.url?.slice(1)) || 0;
        (step === last ? ok : to(`/${step + 1}`))(request, response);
      };
    expect(await text(steps(5))).toBe("fine");
    await expect(get(steps(6))).rejects.toMatchObject({
      code: "SOURCE_REDIRECT",
      message: expect.stringContaining("5 times"),
    });
  });

  test.each([
    ["file:///etc/passwd", "file:"],
    ["ftp://127.0.0.1/x", "ftp:"],
    ["data:text/plain,hi", "data:"],
    ["http://[", "valid address"],
  ])("to %s are refused", async (location, why) => {
    await expect(get(to(location))).rejects.toMatchObject({
      code: "SOURCE_REDIRECT",
      message: expect.stringContaining(why),
    });
  });

  test.each([
    "localhost",
    "127.0.0.2",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "2130706434",
    "169.254.169.254",
  ])(
    "to the local host %s are refused before anything is sent, as the owner did not name it",
    async (host) => {
      let asked = 0;
      const address = await httpServer((request, response) => {
        if (request.url !== "/f") asked++;
        to(`http://${host}:${new URL(address).port}/inside`)(request, response as never);
      });
      await expect(quickHttp().get(new URL("/f", address), "registry.json", limits)).rejects.toMatchObject({
        code: "SOURCE_REDIRECT",
        message: expect.stringContaining("local network"),
      });
      expect(asked).toBe(0);
    },
  );

  test("without a Location are refused", async () => {
    await expect(get(status(302))).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
  });

  test("send a token to its own origin", async () => {
    const seen: (string | undefined)[] = [];
    const listener: RequestListener = (request, response) => {
      if (request.url === "/f") return to("/g")(request, response);
      seen.push(request.headers.authorization);
      response.end("x");
    };
    await get(listener, { headers: { authorization: "Bearer secret-token" } });
    expect(seen).toEqual(["Bearer secret-token"]);
  });
});

test("no error contains the address or the token", async () => {
  const listener: RequestListener = (request) => request.socket.destroy();
  const headers = { authorization: "Bearer secret-token" };
  const failure = await get(listener, { headers }, "/f?token=abcdef").catch((error) => error);
  expect(failure).toMatchObject({ code: "SOURCE_UNREACHABLE" });
  expect(`${failure.message} ${failure.hint}`).not.toMatch(/127\.0\.0\.1|secret-token|abcdef/);
});
