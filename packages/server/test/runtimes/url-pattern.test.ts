import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test, vi } from "vitest";
import { matchUrl, type UrlMatch } from "../../src/runtimes/url-pattern.ts";
import { compileUrlRegex, isUrlRegex } from "../../src/runtimes/url-regex.ts";

test.each<[string, string, UrlMatch]>([
  ["^https?://example\\.org/g/\\d+", "https://example.org/g/12", "matches"],
  ["^https?://example\\.org/g/\\d+", "https://example.com/g/12", "differs"],
  ["https?:\\/\\/e(-|x)ample\\.org\\/g\\/.*\\/.*", "https://e-ample.org/g/1/a", "matches"],
  ["^https://example\\.org/(?!login)", "https://example.org/login", "differs"],
  ["^https://example\\.org/(?!login)", "https://example.org/g", "matches"],
  ["^https://(\\w)\\1\\.example/", "https://aa.example/", "matches"],
  ["(", "https://example.org/", "invalid"],
  ["this.constructor.constructor('return process')()", "x", "differs"],
])("%s on %s: %s", async (pattern, url, match) => {
  expect(await matchUrl(pattern, url)).toBe(match);
});

test.each<[string, string]>([
  ["(?i)^HTTPS://EXAMPLE\\.ORG/", "https://example.org/"],
  ["\\Ahttps://example\\.org/\\d++\\z", "https://example.org/12"],
  ["(?>https|http)://example\\.org/", "http://example.org/"],
  ["https://example\\.org/\\Kg", "https://example.org/g"],
  ["https://example\\.org/[^/]*+/g", "https://example.org/a/g"],
  ["https://example\\.org/[[:digit:]]+$", "https://example.org/12"],
])("Perl's %s is a pattern, and takes linear time", (pattern, url) => {
  expect(isUrlRegex(pattern)).toBe(true);
  expect(compileUrlRegex(pattern)).toMatchObject({ linear: true });
  expect(compileUrlRegex(pattern)?.test(url)).toBe(true);
  expect(compileUrlRegex(pattern)?.test("https://other.test/")).toBe(false);
});

test("what is quoted in Perl's syntax stays quoted", () => {
  const pattern = compileUrlRegex("^a\\++[*+]+\\\\K$");
  expect(pattern?.test("a+++*\\K")).toBe(true);
});

test("a thread that ended by itself is replaced, and no pattern is blamed", async () => {
  const posted = vi.spyOn(Worker.prototype, "postMessage");
  expect(await matchUrl("https://a/.*", "https://a/1")).toBe("matches");
  const [thread] = posted.mock.contexts as Worker[];
  posted.mockRestore();
  await thread?.terminate();
  expect(await matchUrl("https://a/.*", "https://a/1")).toBe("matches");
});

test("a thread that begins late on a busy machine does not count against the pattern", async () => {
  const { postMessage } = Worker.prototype;
  let begin = () => {};
  const posted = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (
    this: Worker,
    message,
  ) {
    begin = () => postMessage.call(this, message);
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
    posted.mockRestore();
  });
  const match = matchUrl("https://a/.*", "https://a/1");
  await nextTurn();
  expect(posted).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  await nextTurn();
  begin();
  expect(await match).toBe("matches");
});
