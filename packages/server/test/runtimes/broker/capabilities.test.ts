import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { strToU8 } from "fflate";
import pino from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createDeferred } from "../../../src/async/deferred.ts";
import { createBroker } from "../../../src/runtimes/broker/broker.ts";
import { cbz } from "../../library/cbz.ts";
import { live, realBroker, scopeOf } from "./fixture.ts";

const denied = { code: "CAPABILITY_DENIED" };
const invalid = { code: "CAPABILITY_INVALID" };

test("a capability that is not in the table is denied", async () => {
  const { broker } = await realBroker();
  const requestHost = broker.bind(scopeOf({ net: ["a.example"], library: "write" }));
  for (const name of ["exec", "fs.read", "constructor", "__proto__", "", "Fetch"]) {
    await expect(requestHost(name, {}, live())).rejects.toMatchObject(denied);
  }
});

test("a plugin reads the archive that it was called on, and no other", async () => {
  const { broker, add } = await realBroker();
  const { id } = await add("one.cbz", "", cbz("one", { "a b/ü.txt": strToU8("text") }));
  const requestHost = broker.bind(scopeOf({}, { archive: id }));
  expect(await requestHost("archive.entries", {}, live())).toContainEqual({ name: "a b/ü.txt", size: 4 });
  expect(await requestHost("archive.read", { name: "a b/ü.txt" }, live())).toEqual({ base64: btoa("text") });
  await expect(requestHost("archive.read", { name: "none" }, live())).rejects.toMatchObject({
    code: "ENTRY_NOT_FOUND",
  });
  await expect(requestHost("archive.read", { name: "../x" }, live())).rejects.toMatchObject({
    code: "ENTRY_NOT_FOUND",
  });
  await expect(requestHost("archive.read", { name: 1 }, live())).rejects.toMatchObject(invalid);
  await expect(requestHost("archive.entries", { id }, live())).rejects.toMatchObject(invalid);
  const piece = { offset: 0, length: 2 };
  const bytes = cbz("one", { "a b/ü.txt": strToU8("text") });
  expect(await requestHost("archive.readAt", piece, live())).toMatchObject({
    base64: btoa("PK"),
    size: bytes.length,
  });
  expect(await requestHost("archive.readAt", { offset: 1e9, length: 2 }, live())).toMatchObject({
    base64: "",
  });
  await expect(requestHost("archive.readAt", { offset: -1, length: 2 }, live())).rejects.toMatchObject(
    invalid,
  );
  const without = broker.bind(scopeOf({ library: "write" }));
  for (const [name, args] of [
    ["archive.entries", {}],
    ["archive.readAt", piece],
  ] as const)
    await expect(without(name, args, live())).rejects.toMatchObject(denied);
});

test("the library is read with read or write, and changed with write alone", async () => {
  const { broker, add } = await realBroker();
  const { id } = await add("A Title.cbz", "artist:a, source:b");
  const none = broker.bind(scopeOf({}));
  const read = broker.bind(scopeOf({ library: "read" }));
  const write = broker.bind(scopeOf({ library: "write" }));
  const patch = { id, title: "New", tags: ["x:1", "y"] };
  await expect(none("library.search", { text: "", limit: 1 }, live())).rejects.toMatchObject(denied);
  await expect(none("library.get", { id }, live())).rejects.toMatchObject(denied);
  await expect(read("library.update", patch, live())).rejects.toMatchObject(denied);
  const found = { id, tags: ["artist:a", "source:b"], filename: "A Title.cbz", summary: "" };
  expect(await read("library.search", { text: "artist:a", limit: 5 }, live())).toMatchObject([found]);
  expect(await write("library.update", patch, live())).toMatchObject({
    id,
    title: "New",
    tags: ["x:1", "y"],
  });
  expect(await read("library.get", { id }, live())).toMatchObject({ title: "New", tags: ["x:1", "y"] });
});

test("all archives and the categories are read with read, and changed with write alone", async () => {
  const { broker, add, library } = await realBroker();
  const ids = [];
  for (const name of ["a.cbz", "b.cbz", "c.cbz"]) ids.push((await add(name)).id);
  const none = broker.bind(scopeOf({}));
  const read = broker.bind(scopeOf({ library: "read" }));
  const write = broker.bind(scopeOf({ library: "write" }));
  const made = { name: "shelf", search: "", pinned: false };
  for (const name of ["library.list", "library.info", "categories.list", "categories.bookmark"]) {
    await expect(none(name, {}, live())).rejects.toMatchObject(denied);
  }
  for (const name of ["create", "update", "delete", "add", "remove", "linkBookmark", "unlinkBookmark"]) {
    await expect(read(`categories.${name}`, made, live())).rejects.toMatchObject(denied);
  }
  const pages = [await read("library.list", { offset: 0, limit: 2 }, live())];
  await library.delete(ids[0] ?? "");
  pages.push(await read("library.list", { offset: 2, limit: 2 }, live()));
  expect(pages).toMatchObject([
    { total: 3, archives: [{ id: ids[0], path: "a.cbz", pages: 2 }, { id: ids[1] }] },
    { total: 3, archives: [{ id: ids[2] }] },
  ]);
  const id = await write("categories.create", made, live());
  await write("categories.add", { id, archive: ids[1] }, live());
  expect(await read("categories.list", {}, live())).toEqual([{ ...made, id, archives: [ids[1]] }]);
});

test("only a runtime that knows of other plugins can use them", async () => {
  const { broker } = await realBroker();
  const requestHost = broker.bind(scopeOf({ library: "write" }));
  await expect(requestHost("plugins.list", {}, live())).rejects.toMatchObject(denied);
  await expect(requestHost("plugins.use", { namespace: "a" }, live())).rejects.toMatchObject(denied);
});

test.each([
  ["library.search", { text: "a", limit: 0 }],
  ["library.search", { text: "a", limit: 1e9 }],
  ["library.get", { id: "../../etc" }],
  ["library.update", { id: "0".repeat(40), tags: ["a,b"] }],
  ["library.update", { id: "0".repeat(40), file: "x" }],
  ["cache.get", { key: "" }],
  ["cache.get", { key: "k".repeat(257) }],
  ["cache.set", { key: "k", value: 1, ttl: 0 }],
  ["cache.set", { key: "k", value: undefined, ttl: 60 }],
  ["log", { level: "fatal", text: "x" }],
  ["log", { level: "info", text: { toString: "x" } }],
  ["progress", { done: Number.NaN, total: 1 }],
  ["progress", { done: -1, total: 1 }],
])("%s refuses %j", async (name, args) => {
  const { broker } = await realBroker();
  await expect(broker.bind(scopeOf({ library: "write" }))(name, args, live())).rejects.toMatchObject(invalid);
});

test("the cache keeps JSON values of each plugin apart, for their time to live", async () => {
  let now = Date.now();
  const { broker } = await realBroker({ now: () => now });
  const mine = broker.bind(scopeOf({}));
  const other = broker.bind(scopeOf({}, { namespace: "other" }));
  const value = { list: [1, "ü", null], nested: { yes: true } };
  await mine("cache.set", { key: "k", value, ttl: 60 }, live());
  expect(await mine("cache.get", { key: "k" }, live())).toEqual({ value });
  expect(await other("cache.get", { key: "k" }, live())).toEqual({});
  const elsewhere = broker.bind(scopeOf({}, { source: "REG_0000000001" }));
  expect(await elsewhere("cache.get", { key: "k" }, live())).toEqual({});
  now += 61_000;
  expect(await mine("cache.get", { key: "k" }, live())).toEqual({});
  const large = { key: "k", value: "x".repeat(70_000), ttl: 60 };
  await expect(mine("cache.set", large, live())).rejects.toMatchObject({ code: "CAPABILITY_LIMIT" });
});

test("a log line carries the plugin's name and no control characters, and is cut to a length", async () => {
  const { broker, logged } = await realBroker();
  const requestHost = broker.bind(scopeOf({}));
  await requestHost("log", { level: "warn", text: 'a\u001b[31mred\r\n{"level":60}\u202eevil' }, live());
  await requestHost("log", { level: "info", text: "x".repeat(10_000) }, live());
  expect(logged).toMatchObject([
    { level: 40, plugin: "tester", msg: 'a [31mred {"level":60} evil' },
    { level: 30 },
  ]);
  expect(logged[1]?.msg).toHaveLength(4096);
});

test("progress reaches the call's listener", async () => {
  const { broker } = await realBroker();
  const onProgress = vi.fn();
  const requestHost = broker.bind(scopeOf({}, { onProgress }));
  await requestHost("progress", { done: 1, total: 3, note: "page\n1" }, live());
  await requestHost("progress", { done: 2, total: 3 }, live());
  expect(onProgress.mock.calls).toEqual([
    [1, 3, "page 1"],
    [2, 3, undefined],
  ]);
});

test("a flood of log lines is throttled, and its queue is bounded", async () => {
  const { broker, logged } = await realBroker();
  const requestHost = broker.bind(scopeOf({}));
  const stop = new AbortController();
  // The time stands still, so that only the lines of one second get through.
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const flood = Array.from({ length: 6000 }, () =>
    requestHost("log", { level: "info", text: "spam" }, stop.signal).then(
      () => "logged",
      (error) => error.code,
    ),
  );
  while (logged.length < 1000) await nextTurn();
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  expect(logged).toHaveLength(1000);
  stop.abort();
  const outcomes = await Promise.all(flood);
  expect(outcomes.filter((outcome) => outcome === "CAPABILITY_LIMIT").length).toBeGreaterThan(2800);
});

test("an entry that is larger than a plugin may read is refused", async () => {
  const { broker, add } = await realBroker();
  const large = new Uint8Array(17 * 1024 * 1024);
  const { id } = await add(
    "large.cbz",
    "",
    cbz(randomBytes(4).toString("hex"), { "large.bin": [large, { level: 1 }] }),
  );
  const requestHost = broker.bind(scopeOf({}, { archive: id }));
  await expect(requestHost("archive.read", { name: "large.bin" }, live())).rejects.toMatchObject({
    code: "ENTRY_TOO_LARGE",
  });
});

test("an internal error reaches the log with its message, and the plugin without it", async () => {
  const { broker, logged, store } = await realBroker();
  const failing = await realBroker({
    cache: { ...store.cache, get: () => Promise.reject(new Error("/srv/secret.db is broken")) },
  });
  const asking = failing.broker.bind(scopeOf({}))("cache.get", { key: "k" }, live());
  await expect(asking).rejects.toMatchObject({
    code: "CAPABILITY_FAILED",
    message: expect.not.stringContaining("secret"),
  });
  expect(failing.logged).toMatchObject([{ level: 50, plugin: "tester" }]);
  expect(logged).toEqual([]);
  await broker.close();
});

test("the rate limit of archive requests counts for each call, not for a batch", async () => {
  const { broker, add } = await realBroker();
  const { id } = await add("one.cbz");
  const bind = () => broker.bind(scopeOf({}, { archive: id }));
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const one = bind();
  // Twenty at once, and then twenty a second: the last of them waits for a minute and a half.
  const inOneCall = Array.from({ length: 1800 }, () => one("archive.entries", {}, stop.signal));
  const ended = Promise.allSettled(inOneCall);
  await Promise.all(inOneCall.slice(0, 20));
  const inManyCalls = async () => {
    for (let n = 0; n < 100; n++) await bind()("archive.entries", {}, live());
    return "many calls";
  };
  expect(await Promise.race([inManyCalls(), inOneCall.at(-1)])).toBe("many calls");
  stop.abort();
  expect((await ended).at(-1)).toMatchObject({ status: "rejected" });
});

test("an aborted request counts as running until its work has ended", async () => {
  const { library, add, store } = await realBroker();
  const { id } = await add("one.cbz");
  let reading = 0;
  const held = createDeferred<void>();
  const read: typeof library.read = async (...args) => {
    reading++;
    await held.promise;
    return library.read(...args);
  };
  const log = pino({ level: "silent" });
  const broker = createBroker({ library: { ...library, read }, cache: store.cache, log });
  onTestFinished(() => broker.close());
  const requestHost = broker.bind(scopeOf({}, { archive: id }));
  const controller = new AbortController();
  const asked = () =>
    requestHost("archive.read", { name: "pages/01.jpg" }, controller.signal).catch((e) => e.code);
  const first = [asked(), asked(), asked()];
  await vi.waitFor(() => expect(reading).toBe(2));
  controller.abort();
  const next = requestHost("archive.read", { name: "pages/01.jpg" }, live());
  expect(await first[2]).toBe("PLUGIN_CANCELLED");
  expect(reading).toBe(2);
  held.resolve();
  await next;
  expect(reading).toBe(3);
});
