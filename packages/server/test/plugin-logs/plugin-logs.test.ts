import { HitagiError, toNamespace } from "@hitagi/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import { createPluginLogs } from "../../src/plugin-logs/plugin-logs.ts";
import type { NewLine } from "../../src/plugin-logs/types.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { tempFolder } from "../support/temp-folder.ts";

const PLUGIN = toNamespace("chatty");

const line = (text: string, more: Partial<NewLine> = {}): NewLine => ({
  plugin: PLUGIN,
  level: "info",
  text,
  call: "c",
  job: null,
  archive: null,
  ...more,
});

const open = async () => {
  const store = await openSqliteStore(`${await tempFolder()}/hitagi.db`);
  onTestFinished(() => store.close());
  const clock = { now: 5000 };
  const warned: { err?: unknown; lines?: number }[] = [];
  const batches: number[] = [];
  let fault: Error | undefined;
  const logs = createPluginLogs({
    store: {
      ...store.pluginLogs,
      add: async (lines, keep) => {
        if (fault) throw fault;
        batches.push(lines.length);
        await store.pluginLogs.add(lines, keep);
      },
    },
    node: "nas",
    keepSeconds: 100,
    keepBytes: 1_000_000,
    log: { warn: (fields: object) => void warned.push(fields) },
    now: () => clock.now,
  });
  onTestFinished(() => logs.close());
  const fail = (error: Error | undefined): void => {
    fault = error;
  };
  const texts = async (...given: Parameters<typeof logs.page> extends [unknown, ...infer R] ? R : never) =>
    (await logs.page(PLUGIN, ...given)).items.map(({ text }) => text);
  return { logs, clock, warned, batches, fail, texts };
};

test("lines are stored in batches, with the time and the server", async () => {
  const { logs, batches } = await open();
  for (let n = 0; n < 1200; n++) logs.write(line(String(n)));
  expect(batches).toEqual([]);
  const { items, more } = await logs.page(PLUGIN, {}, 3);
  expect(batches).toEqual([500, 500, 200]);
  expect(items.map(({ text }) => text)).toEqual(["1197", "1198", "1199"]);
  expect(items[0]).toMatchObject({ time: 5000, node: "nas", level: "info" });
  expect(more).toBe(true);
});

test("lines are stored without a reader", async () => {
  const { logs, batches } = await open();
  logs.write(line("one"));
  await vi.waitFor(() => expect(batches).toEqual([1]));
});

test("pages go back and on, and a filter reads past lines that it leaves out", async () => {
  const { logs, texts } = await open();
  for (let n = 0; n < 1500; n++) logs.write(line(String(n), n % 700 === 0 ? { level: "warn", job: 7 } : {}));
  expect(await texts({ level: "warn" }, 9)).toEqual(["0", "700", "1400"]);
  expect(await texts({ job: 7 }, 2)).toEqual(["700", "1400"]);
  const { items } = await logs.page(PLUGIN, {}, 2);
  expect(await texts({ before: items[0]?.id ?? 0 }, 2)).toEqual(["1496", "1497"]);
  expect(await texts({ after: items[0]?.id ?? 0 }, 9)).toEqual(["1499"]);
  expect(await texts({ call: "other" }, 9)).toEqual([]);
});

test("a level has the levels above it, and times and archives narrow", async () => {
  const { logs, clock, texts } = await open();
  const archive = { id: "a".repeat(40), title: "A" };
  logs.write(line("d", { level: "debug" }));
  clock.now += 10;
  logs.write(line("w", { level: "warn", archive }));
  clock.now += 10;
  logs.write(line("e", { level: "error" }));
  expect(await texts({ level: "info" }, 9)).toEqual(["w", "e"]);
  expect(await texts({ archive: archive.id }, 9)).toEqual(["w"]);
  expect(await texts({ since: 5010, until: 5020 }, 9)).toEqual(["w"]);
});

test("a line that is too old is not shown, even before the store removes it", async () => {
  const { logs, clock, texts } = await open();
  logs.write(line("old"));
  clock.now += 50;
  logs.write(line("new"));
  expect(await texts({}, 9)).toEqual(["old", "new"]);
  clock.now += 60;
  expect(await texts({}, 9)).toEqual(["new"]);
});

test("a flood while the store fails costs bounded memory: the newest lines wait, and the loss is told once", async () => {
  const { logs, fail, warned, texts } = await open();
  fail(new HitagiError("STORE_UNREACHABLE", { reason: "down" }));
  for (let n = 0; n < 2500; n++) logs.write(line(String(n)));
  expect(await texts({}, 9)).toEqual([]);
  expect(await texts({}, 9)).toEqual([]);
  expect(warned).toEqual([{ err: expect.objectContaining({ code: "STORE_UNREACHABLE" }) }]);
  fail(undefined);
  expect(await texts({}, 1)).toEqual(["2499"]);
  expect((await logs.page(PLUGIN, { after: 0 }, 1)).items[0]?.text).toBe("500");
  expect(warned[1]).toEqual({ lines: 500 });
});

test("a follower gets each line once, those before and those that are written meanwhile", async () => {
  const { logs } = await open();
  logs.write(line("before"));
  const end = await logs.end(PLUGIN);
  logs.write(line("first"));
  const stopping = new AbortController();
  const seen: string[] = [];
  for await (const { text } of logs.follow(PLUGIN, {}, end, stopping.signal)) {
    seen.push(text);
    if (text === "first") logs.write(line("second"));
    else stopping.abort();
  }
  expect(seen).toEqual(["first", "second"]);
});

test("texts have no control characters and no half of a surrogate pair", async () => {
  const { logs, texts } = await open();
  logs.write(line("a\u0000\ud800b\n  c"));
  expect(await texts({}, 9)).toEqual(["a\ufffdb\n  c"]);
});
