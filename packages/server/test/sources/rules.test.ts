import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../src/net/http-retry.ts";
import { nextHop } from "../../src/sources/http-redirect.ts";
import { relativePathProblem, safeSegments } from "../../src/sources/relative-path.ts";

describe("a redirect", () => {
  const from = (url: string) => ({ url: new URL(url), privateHeaders: { authorization: "Bearer x" } });

  test("never leads from https to http", () => {
    expect(() => nextHop(from("https://example.org/a"), "http://example.org/a")).toThrow("https to http");
    expect(() => nextHop(from("https://example.org/a"), "HTTP://example.org/a")).toThrow("https to http");
    expect(nextHop(from("http://example.org/a"), "https://example.org/a").url.protocol).toBe("https:");
    expect(nextHop(from("https://example.org/a/b"), "//other.example/c").url.href).toBe(
      "https://other.example/c",
    );
  });

  test.each(["https://other.example/", "https://example.org:8443/", "//www.example.org/"])(
    "to %s leaves the caller's headers behind",
    (location) => {
      expect(nextHop(from("https://example.org/a"), location).privateHeaders).toEqual({});
    },
  );
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);
  test.each([
    ["0", 0],
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Thursday, 01-Jan-26 00:00:30 GMT", 30_000],
    ["Thu, 01 Jan 1970 00:00:30 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is parsed as %j ms", (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});

describe("a path inside a registry", () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9_+.~ ü日-]{1,12}$/).filter((s) => s !== "." && s !== "..");
  const good = fc
    .array(segment, { minLength: 1, maxLength: 5 })
    .map((segments) => segments.join("/"))
    .filter((file) => file.trim() === file);

  test("is valid if its segments are names", () => {
    fc.assert(
      fc.property(good, (file) => {
        expect(relativePathProblem(file)).toBeUndefined();
        expect(safeSegments(file).join("/")).toBe(file);
      }),
    );
  });

  const spoiled = fc.constantFrom(
    "..",
    ".",
    "",
    "a\\b",
    "a\0b",
    "a\nb",
    "%2e%2e",
    "%2E.",
    "a%5Cb",
    "a%00",
    "\ud800",
  );
  test("is refused with one bad segment at any position", () => {
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 3 }),
        spoiled,
        fc.array(segment, { maxLength: 3 }),
        (a, bad, b) => {
          expect(relativePathProblem([...a, bad, ...b].join("/"))).toBeTypeOf("string");
        },
      ),
    );
  });

  test("never leads out of the folder, for any text", () => {
    const base = "https://h.example/base/";
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(".", "/", "\\", "%", "2", "e", "a", ":") })),
        (file) => {
          if (relativePathProblem(file) !== undefined) return;
          // As the strictest reader would take it: decoded, and resolved as an address.
          const decoded = file.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          );
          expect(new URL(decoded.replace(/[?#]/g, "_"), base).href.startsWith(base)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    "https://example.org/a.ts",
    "file:a",
    "C:/a.ts",
    "C:a.ts",
    "/a.ts",
    "//host/a",
    " file:a",
    "%20a:b",
    `%${"25".repeat(500)}2e`,
    "a".repeat(1025),
  ])("is not %s", (file) => {
    expect(relativePathProblem(file)).toBeTypeOf("string");
  });
});
