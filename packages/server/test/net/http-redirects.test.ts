import type { Dispatcher } from "undici";
import { expect, test } from "vitest";
import {
  followRedirects,
  type HopPolicy,
  isPermanent,
  redirectTarget,
} from "../../src/net/http-redirects.ts";

interface Asked {
  url: URL;
}

const refuse = (fault: string) => new Error(fault);
const connection = {} as Dispatcher;

const policy = (connected: string[] = []): HopPolicy<Asked> => ({
  connect: async ({ url }, first) => {
    connected.push(`${first.url.pathname} -> ${url.pathname}`);
    return connection;
  },
  maxRedirects: 2,
  tooMany: ({ pathname }) => new Error(`too many at ${pathname}`),
  redirect: ({ url }, _status, location) => ({ url: redirectTarget(url, location, refuse) }),
});

const first = { url: new URL("https://a.example/0") };

/** A server whose answer to `/n` leads to `/n+1`, up to `last`. */
const steps =
  (last: number) =>
  async ({ url }: Asked, connect: () => Promise<Dispatcher>) => {
    expect(await connect()).toBe(connection);
    const step = Number(url.pathname.slice(1));
    return step === last ? { status: 200, location: undefined } : { status: 302, location: `/${step + 1}` };
  };

test("redirects are followed up to the policy's limit, and each hop opens a new connection", async () => {
  const connected: string[] = [];
  const { answer, request, earlier } = await followRedirects(policy(connected), first, steps(2));
  expect(answer.status).toBe(200);
  expect(request.url.pathname).toBe("/2");
  expect(earlier.map(({ url }) => url.pathname)).toEqual(["/1", "/0"]);
  expect(connected).toEqual(["/0 -> /0", "/0 -> /1", "/0 -> /2"]);
  await expect(followRedirects(policy(), first, steps(3))).rejects.toThrow("too many at /2");
});

test("a redirect without Location, or another status with one, is the last response", async () => {
  for (const hop of [
    { status: 302, location: undefined },
    { status: 304, location: "/1" },
  ]) {
    expect((await followRedirects(policy(), first, async () => hop)).answer).toBe(hop);
  }
});

test.each([
  [["/a", "/b"], "several addresses"],
  ["http://[", "no address"],
  ["http://a.example/", "leaves https"],
  ["file:///etc/passwd", "another scheme"],
])("a redirect to %j is refused: %s", (location, fault) => {
  expect(() => redirectTarget(first.url, location, refuse)).toThrow(fault);
});

test("a redirect's target is relative to the previous request, and may upgrade to https", () => {
  expect(redirectTarget(first.url, "b?c", refuse).href).toBe("https://a.example/b?c");
  // Header bytes as undici gives them, one character each.
  const bytes = Buffer.from("/題").toString("latin1");
  expect(redirectTarget(first.url, bytes, refuse).pathname).toBe("/%E9%A1%8C");
  const plain = new URL("http://a.example/");
  expect(redirectTarget(plain, "https://b.example/", refuse).protocol).toBe("https:");
  expect([301, 302, 303, 307, 308].map(isPermanent)).toEqual([true, false, false, false, true]);
});
