import { HitagiError } from "@hitagi/contract";
import { describe, expect, test, vi } from "vitest";
import type { CallRequest, HostRequestHandler } from "../../../src/runtimes/types.ts";
import { request } from "../runtime-contract.ts";
import { script, sharedRuntime } from "./fixture.ts";

const shared = sharedRuntime();

const run = (body: string, more: Partial<CallRequest> = {}): Promise<unknown> =>
  shared().call(script(body), request(more));

/** A host that answers by capability. */
const host = (answers: Record<string, unknown>) =>
  vi.fn<HostRequestHandler>(async (capability) => {
    if (capability in answers) return answers[capability];
    throw new HitagiError("CAPABILITY_DENIED", { action: capability, reason: "not here" });
  });

const base64 = (text: string, encoding: BufferEncoding = "utf8") => ({
  base64: Buffer.from(text, encoding).toString("base64"),
});

describe("ctx", () => {
  test("has the data of the call", async () => {
    const archive = { id: "a".repeat(40), title: "T", tags: ["x"], summary: "s", filename: "f.cbz", size: 9 };
    const context = { arg: "one", settings: { n: 2 }, url: "https://x.org/", archive };
    const body = `const { id, title, tags, summary, filename, size } = ctx.archive;
      return { arg: ctx.arg, settings: ctx.settings, url: ctx.url, archive: { id, title, tags, summary, filename, size } }`;
    expect(await run(body, { context })).toEqual(context);
  });

  test("has no archive if the call has none", async () => {
    expect(await run("return 'archive' in ctx")).toBe(false);
  });

  test("reads the archive", async () => {
    const archive = { id: "a", title: "", tags: [], summary: "", filename: "", size: 0 };
    const context = { arg: "", settings: {}, archive };
    const entries = [{ name: "a.txt", size: 2 }];
    const onHostRequest = host({
      "archive.entries": entries,
      "archive.read": base64("ö!"),
      "archive.text": { text: "ö!" },
      "archive.readAt": { ...base64("ö!"), size: 9, modified: 5 },
    });
    const body = `
      const { size, modified, readAt } = await ctx.archive.open();
      const part = [...await readAt(4, 3)];
      return { entries: await ctx.archive.entries(), bytes: [...await ctx.archive.read("a.txt")],
        text: await ctx.archive.text("a.txt"), file: { size, modified, part } }`;
    expect(await run(body, { context, onHostRequest })).toEqual({
      entries,
      bytes: [0xc3, 0xb6, 0x21],
      text: "ö!",
      file: { size: 9, modified: 5, part: [0xc3, 0xb6, 0x21] },
    });
    expect(onHostRequest.mock.calls.map(([name, args]) => [name, args])).toEqual([
      ["archive.readAt", { offset: 0, length: 0 }],
      ["archive.readAt", { offset: 4, length: 3 }],
      ["archive.entries", {}],
      ["archive.read", { name: "a.txt" }],
      ["archive.text", { name: "a.txt" }],
    ]);
  });

  test("an error of the host that the plugin does not catch is the call's error", async () => {
    const through = run(`await ctx.library.get("x")`, { onHostRequest: host({}) });
    await expect(through).rejects.toMatchObject({
      code: "CAPABILITY_DENIED",
      hint: expect.stringContaining("grant"),
    });
    const own = run(`await ctx.library.get("x").catch(() => {}); throw new Error("my own")`, {
      onHostRequest: host({}),
    });
    await expect(own).rejects.toMatchObject({ code: "PLUGIN_FAILED", message: "my own" });
    const forged = run(`throw Object.assign(new Error("x"), { code: "CAPABILITY_DENIED" })`, {
      onHostRequest: host({}),
    });
    await expect(forged).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
  });

  test("rejects a request that is too large for the host, and goes on", async () => {
    const onHostRequest = host({ "cache.set": {} });
    const body = `
      const refused = [];
      for (const value of ["x".repeat(9e6), Array.from({ length: 120_000 }, () => [])])
        for (let i = 0; i < 20; i++) await ctx.cache.set("k", value, 60).catch((e) => { refused[i] = e.message });
      await ctx.cache.set("k", "small", 60);
      return refused[0]`;
    expect(await run(body, { onHostRequest })).toMatch(/sent to the host has more than 100000 values/);
    expect(onHostRequest).toHaveBeenCalledTimes(1);
  });

  test("keeps a cache", async () => {
    const onHostRequest = host({ "cache.get": { value: { a: 1 } }, "cache.set": {} });
    expect(
      await run(`await ctx.cache.set("k", [1], 60); return ctx.cache.get("k")`, { onHostRequest }),
    ).toEqual({
      a: 1,
    });
    expect(onHostRequest).toHaveBeenCalledWith(
      "cache.set",
      { key: "k", value: [1], ttl: 60 },
      expect.anything(),
      expect.any(Function),
    );
    expect(
      await run(`return String(await ctx.cache.get("k"))`, { onHostRequest: host({ "cache.get": {} }) }),
    ).toBe("undefined");
  });

  test("requests the library", async () => {
    const onHostRequest = host({ "library.search": [], "library.get": { id: "x" }, "library.update": null });
    await run(
      `await ctx.library.search("words", 5); await ctx.library.get("x"); await ctx.library.update("x", { title: "T" }); return 1`,
      { onHostRequest },
    );
    expect(onHostRequest.mock.calls.map(([name, args]) => [name, args])).toEqual([
      ["library.search", { text: "words", limit: 5 }],
      ["library.get", { id: "x" }],
      ["library.update", { id: "x", title: "T" }],
    ]);
  });

  test("writes a log and reports progress", async () => {
    const onHostRequest = host({ log: null, progress: null });
    await run(`ctx.log.warn("careful", { a: 1 }); ctx.progress(1, 2, "half"); ctx.progress(2, 2); return 1`, {
      onHostRequest,
    });
    await vi.waitFor(() => expect(onHostRequest).toHaveBeenCalledTimes(3));
    expect(onHostRequest.mock.calls.map(([name, args]) => [name, args])).toEqual([
      ["log", { level: "warn", text: 'careful {"a":1}' }],
      ["progress", { done: 1, total: 2, note: "half" }],
      ["progress", { done: 2, total: 2 }],
    ]);
  });

  test("an error of the host is an Error with its message and code", async () => {
    const body = `try { await ctx.library.get("x") } catch (e) { return [e instanceof Error, e.code, e.message] }`;
    expect(await run(body, { onHostRequest: host({}) })).toEqual([
      true,
      "CAPABILITY_DENIED",
      expect.stringMatching(/not here/),
    ]);
  });

  test("limits concurrent requests to 32 and queues the rest", async () => {
    let open = 0;
    let most = 0;
    const onHostRequest: HostRequestHandler = async (_, args) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return args;
    };
    const body = `return (await Promise.all(Array.from({ length: 500 }, (_, i) => ctx.library.get(String(i))))).length`;
    expect(await run(body, { onHostRequest })).toBe(500);
    expect(most).toBe(32);
  });

  test("reports a response that is too large", async () => {
    const onHostRequest = host({ "library.get": "x".repeat(30_000_000) });
    await expect(run(`return ctx.library.get("x")`, { onHostRequest })).rejects.toThrow(/too large/);
  });

  test("its signal aborts when the call is cancelled, and so do its requests", async () => {
    const runtime = shared();
    const controller = new AbortController();
    const aborted = vi.fn();
    const onHostRequest: HostRequestHandler = async (capability, args, signal) => {
      if (capability === "log") return void aborted(args);
      controller.abort();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const plugin = script(
      `ctx.signal.addEventListener("abort", () => seen = ctx.signal.aborted);
      if (ctx.arg === "look") return seen; await ctx.library.get("x")`,
      "let seen = null;",
    );
    await expect(
      runtime.call(plugin, request({ onHostRequest, signal: controller.signal })),
    ).rejects.toMatchObject({
      code: "PLUGIN_CANCELLED",
    });
    expect(await runtime.call(plugin, request({ context: { arg: "look", settings: {} } }))).toBe(true);
    expect(runtime.stats().crashes).toBe(0);
  });

  test("cannot request anything before or after its call", async () => {
    const runtime = shared();
    const onHostRequest = host({ "library.get": 1 });
    const plugin = script(
      `if (!kept) { kept = ctx; return "kept" } return kept.library.get("x")`,
      "let kept;",
    );
    expect(await runtime.call(plugin, request({ onHostRequest }))).toBe("kept");
    await expect(runtime.call(plugin, request({ onHostRequest }))).rejects.toThrow(/call had ended/);
    expect(onHostRequest).not.toHaveBeenCalled();
    const early = script("return 1", `await fetch("https://example.org/");`);
    await expect(runtime.vet(early, 20_000)).rejects.toThrow(/only during a call/);
  });

  test("belongs to one call of several at once", async () => {
    const runtime = shared();
    const plugin = script(
      `await ctx.library.get("pause"); const r = await fetch("https://x.org/" + ctx.arg); return r.text()`,
    );
    const answers = Array.from({ length: 20 }, (_, i) => {
      const onHostRequest: HostRequestHandler = async (capability, args) =>
        capability === "fetch"
          ? {
              status: 200,
              statusText: "",
              url: "",
              redirected: false,
              headers: [],
              body: base64(`${i} got ${(args as { url: string }).url}`),
            }
          : null;
      return runtime.call(plugin, request({ onHostRequest, context: { arg: String(i), settings: {} } }));
    });
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => `${i} got https://x.org/${i}`));
  });
});

describe("documents", () => {
  test("of HTML are searched with selectors", async () => {
    const html = `<title>T</title><ul class=tags><li data-id="1">a<li>b &amp; c</ul><script>for(;;);</script>`;
    const body = `const d = ctx.html(ctx.arg);
      return [d.querySelector("title").textContent, [...d.querySelectorAll("ul.tags > li")].map((e) => e.textContent), d.querySelector("[data-id]").getAttribute("data-id"), d.querySelector(".none")]`;
    expect(await run(body, { context: { arg: html, settings: {} } })).toEqual([
      "T",
      ["a", "b & c"],
      "1",
      null,
    ]);
  });

  test("of whole pages keep their parts", async () => {
    const html = `<!doctype html><html lang="en"><head><title>T</title></head><body><p>x</p></body></html>`;
    const body = `const d = ctx.html(ctx.arg); return [d.title, d.body.querySelector("p").textContent, d.documentElement.lang]`;
    expect(await run(body, { context: { arg: html, settings: {} } })).toEqual(["T", "x", "en"]);
  });

  test("of XML keep the case of names, and text in CDATA", async () => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<ComicInfo><Title>A &lt; B</Title><Tags><![CDATA[x & y]]></Tags></ComicInfo>`;
    const body = `const d = ctx.xml(ctx.arg); return [d.querySelector("Title").textContent, d.querySelector("Tags").textContent, d.documentElement.tagName]`;
    expect(await run(body, { context: { arg: xml, settings: {} } })).toEqual(["A < B", "x & y", "ComicInfo"]);
  });

  test.each([
    ["<a>\n<b>1</c></a>", "The XML is malformed in line 2: unexpected close tag."],
    ["<a>\n\nx & y</a>", "The XML is malformed in line 3: & must be written as &amp;."],
    ["<a>\n<b>Tom & Jerry</b>\n<c>x;</c></a>", "The XML is malformed in line 2: & must be written as &amp;."],
    ["<a><b>1</b>", "The XML is malformed in line 1: unclosed tag: a."],
    ["no markup", "The XML is malformed in line 1: text data outside of root node."],
  ])("of XML that is malformed fail with line and reason: %j", async (xml, message) => {
    const running = run("return ctx.xml(ctx.arg).nodeName", { context: { arg: xml, settings: {} } });
    await expect(running).rejects.toMatchObject({ code: "PLUGIN_FAILED", message });
  });
});

describe("fetch", () => {
  const answer = {
    status: 201,
    statusText: "Made",
    url: "https://x.org/end",
    redirected: true,
    headers: [
      ["x-a", "1"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ],
    body: base64('{"a":1}'),
  };

  test("sends all parts of a request to the host", async () => {
    const onHostRequest = host({ fetch: answer });
    const body = `const r = await fetch(new URL("https://x.org/a b?q=ü"), { method: "post", headers: { "X-One": "1" }, body: new URLSearchParams({ k: "v" }), redirect: "manual" }); return r.ok`;
    expect(await run(body, { onHostRequest })).toBe(true);
    expect(onHostRequest.mock.calls[0]?.[1]).toEqual({
      url: "https://x.org/a%20b?q=%C3%BC",
      method: "POST",
      headers: expect.arrayContaining([
        ["x-one", "1"],
        ["content-type", "application/x-www-form-urlencoded;charset=UTF-8"],
      ]),
      redirect: "manual",
      body: base64("k=v"),
    });
  });

  test("gives a Response", async () => {
    const body = `const r = await fetch("https://x.org/");
      return [r instanceof Response, r.status, r.statusText, r.url, r.redirected, r.headers.get("x-a"), r.headers.getSetCookie(), await r.json()]`;
    expect(await run(body, { onHostRequest: host({ fetch: answer }) })).toEqual([
      true,
      201,
      "Made",
      "https://x.org/end",
      true,
      "1",
      ["a=1", "b=2"],
      { a: 1 },
    ]);
  });

  test("gives a Response without a body for 204", async () => {
    const onHostRequest = host({ fetch: { ...answer, status: 204, body: base64("") } });
    expect(
      await run(`const r = await fetch("https://x.org/"); return [r.status, r.body]`, { onHostRequest }),
    ).toEqual([204, null]);
  });

  test("aborts with its own signal, and aborts the host's request", async () => {
    const ended = vi.fn();
    const onHostRequest: HostRequestHandler = (_, __, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended();
          reject(new HitagiError("PLUGIN_CANCELLED"));
        });
      });
    const body = `return fetch("https://x.org/", { signal: AbortSignal.timeout(20) }).then(() => "?", (e) => e.name)`;
    expect(await run(body, { onHostRequest })).toBe("TimeoutError");
    await vi.waitFor(() => expect(ended).toHaveBeenCalled());
  });

  test("fails with the host's message", async () => {
    await expect(run(`await fetch("https://x.org/")`, { onHostRequest: host({}) })).rejects.toThrow(
      /not here/,
    );
  });

  test("rejects a relative address", async () => {
    await expect(run(`await fetch("/x")`)).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
  });
});
