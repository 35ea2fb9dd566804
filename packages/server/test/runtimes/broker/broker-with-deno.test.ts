import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pino from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createBroker } from "../../../src/runtimes/broker/broker.ts";
import type { CallScope, EntryPoint, PluginCode } from "../../../src/runtimes/types.ts";
import { denoForTests } from "../../builtins/fixture.ts";
import { cbz } from "../../library/cbz.ts";
import { type RealBroker, realBroker, scopeOf, serve } from "./fixture.ts";

const deno = denoForTests();

const plugin = (type: string, entry: string, body: string): PluginCode => {
  const source = Buffer.from(
    `export default { namespace: "tester", type: "${type}", name: "t", version: "1.0.0", author: "a",
      async ${entry}(ctx) { ${body} } };`,
  );
  const sha256 = createHash("sha256").update(source).digest("hex");
  return { namespace: "tester", sha256, filename: "tester.js", source };
};

const call = (
  code: PluginCode,
  entry: EntryPoint,
  broker: RealBroker,
  scope: CallScope,
  title = "",
  signal?: AbortSignal,
) =>
  deno().call(code, {
    entry,
    context: {
      arg: "",
      settings: {},
      ...(scope.archive && {
        archive: { id: scope.archive, title, tags: [], summary: "", filename: "", size: 0 },
      }),
    },
    onHostRequest: broker.bind(scope),
    timeoutMs: 150_000,
    ...(signal && { signal }),
  });

const run = (body: string, broker: RealBroker, scope: CallScope) =>
  call(plugin("script", "run", body), "run", broker, scope);

test("the largest entry that a plugin may read arrives whole", async () => {
  const bytes = new Uint8Array(16 * 1024 * 1024).map((_, index) => index % 251);
  const { broker, add } = await realBroker();
  const { id } = await add("large.cbz", "", cbz("large", { "large.bin": [bytes, { level: 1 }] }));
  const body = `const bytes = await ctx.archive.read("large.bin");
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return { title: [...digest].map((b) => b.toString(16).padStart(2, "0")).join("") };`;
  const code = plugin("metadata", "getTags", body);
  const title = createHash("sha256").update(bytes).digest("hex");
  expect(await call(code, "getTags", broker, scopeOf({}, { archive: id }))).toEqual({ title });
});

test("the server works on no more requests than a plugin reads responses", async () => {
  const entry = new Uint8Array(16 * 1024 * 1024);
  let begun = 0;
  const { broker, library, add, store } = await realBroker();
  const { id } = await add("large.cbz", "", cbz("large", { "large.bin": [entry, { level: 1 }] }));
  const counted: typeof library.read = (...args) => {
    begun++;
    return library.read(...args);
  };
  const log = pino({ level: "silent" });
  const asked = vi.fn(store.cache.get);
  const cache = { ...store.cache, get: asked };
  const counting = createBroker({ library: { ...library, read: counted }, cache, log });
  onTestFinished(() => counting.close());
  // One plugin asks for much, and then is too busy to take any of it. In the meantime another one takes as much.
  const reading = (then: string) =>
    plugin(
      "metadata",
      "getTags",
      `const reads = Array.from({ length: 16 }, () => ctx.archive.read("large.bin").then((b) => b.length));
      await ctx.cache.get("asked");
      ${then}
      return { title: String((await Promise.all(reads)).reduce((a, b) => a + b)) };`,
    );
  const stop = new AbortController();
  const scope = scopeOf({}, { archive: id });
  const busy = call(reading("for (;;);"), "getTags", counting, scope, "", stop.signal);
  const ended = expect(busy).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  const title = String(16 * entry.length);
  expect(await call(reading(""), "getTags", broker, scope)).toEqual({ title });
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThanOrEqual(5);
  stop.abort();
  await ended;
});

test("fetch follows the web standard, and the largest body arrives whole", async () => {
  const size = 16 * 1024 * 1024;
  const server = await serve((request, response) => {
    response.setHeader("x-seen", `${request.method} ${request.headers["x-mine"]}`);
    if (request.url === "/large") response.end(Buffer.alloc(size, "x"));
    else request.pipe(response);
  });
  const { broker } = await realBroker();
  const body = `
    const headers = { "X-Mine": "1" };
    const echo = await fetch("${server.url}/echo", { method: "POST", body: JSON.stringify({ a: "ü" }), headers });
    const large = await (await fetch("${server.url}/large")).arrayBuffer();
    return { ok: echo.ok, seen: echo.headers.get("x-seen"), json: await echo.json(), large: large.byteLength };`;
  expect(await run(body, broker, scopeOf({ net: [server.host] }))).toEqual({
    ok: true,
    seen: "POST 1",
    json: { a: "ü" },
    large: size,
  });
});

test("an error of the host reaches the plugin with its code", async () => {
  const { broker } = await realBroker();
  const body = `
    const codeOf = (work) => work.then(() => "none", (error) => error.code);
    return {
      host: await codeOf(fetch("http://127.0.0.1:1/")),
      library: await codeOf(ctx.library.search("a")),
      key: await codeOf(ctx.cache.get("")),
    };`;
  expect(await run(body, broker, scopeOf({}))).toEqual({
    host: "CAPABILITY_DENIED",
    library: "CAPABILITY_DENIED",
    key: "CAPABILITY_INVALID",
  });
});

test("hundreds of concurrent requests are all answered", async () => {
  const { broker } = await realBroker();
  const body = `
    const keys = Array.from({ length: 150 }, (_, index) => "k" + index);
    await Promise.all(keys.map((key, index) => ctx.cache.set(key, index, 60)));
    const values = await Promise.all(keys.map((key) => ctx.cache.get(key)));
    return values.every((value, index) => value === index);`;
  expect(await run(body, broker, scopeOf({}))).toBe(true);
});

test("site-tags of the example registry works with a login, and caches its result", async () => {
  const server = await serve((request, response) => {
    if (request.headers.authorization !== "Bearer t0ken") response.writeHead(403).end();
    else response.end(JSON.stringify({ url: `example.org${request.url}`, tags: ["a", "b:c"] }));
  });
  const root = path.resolve(import.meta.dirname, "../../../../..");
  const file = path.join(root, "examples/registry/plugins/metadata/site-tags/1.0.0/site-tags.ts");
  const text = (await readFile(file, "utf8")).replace("https://api.example.org", server.url);
  const source = Buffer.from(text);
  const sha256 = createHash("sha256").update(source).digest("hex");
  const code = { namespace: "site-tags" as const, sha256, filename: "site-tags.ts", source };
  const { broker, add } = await realBroker();
  const { id } = await add("x.cbz");
  const session = { cookies: [], headers: { Authorization: "Bearer t0ken" }, hosts: [server.host] };
  const scope = scopeOf({ net: [server.host] }, { archive: id, session: async () => session });
  const expected = { tags: ["a", "b:c", "source:example.org/galleries?title=A%20B"] };
  expect(await call(code, "getTags", broker, scope, "A B")).toEqual(expected);
  expect(await call(code, "getTags", broker, scope, "A B")).toEqual(expected);
  expect(server.requests).toHaveLength(1);
});
