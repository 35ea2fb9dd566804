import { expect, test } from "vitest";
import { matchesUrl } from "../../src/runtimes/url-pattern.ts";

test.each<[string, string, boolean]>([
  ["^https?://example\\.org/g/\\d+", "https://example.org/g/12", true],
  ["^https?://example\\.org/g/\\d+", "https://example.com/g/12", false],
  ["(", "https://example.org/", false],
  ["this.constructor.constructor('return process')()", "x", false],
])("%s on %s: %s", (pattern, url, matches) => {
  expect(matchesUrl(pattern, url)).toBe(matches);
});

test("a pattern that would backtrack for years is stopped, and does not match", () => {
  expect(matchesUrl("^(a+)+$", `${"a".repeat(60)}!`)).toBe(false);
});
