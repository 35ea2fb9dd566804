import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { checkStrictly } from "../../src/catalog/index-examine.ts";
import { createSeenComparison } from "../../src/catalog/seen-versions.ts";
import { openWorld } from "../catalog/world.ts";
import { largeIndex } from "../support/large-index.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

/** Milliseconds that the main thread has computed; other programs of the machine do not count where Linux tells it. */
const computed = (): number => {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(nanoseconds) / 1e6;
  } catch {
    return performance.now();
  }
};

/** What some work answers, and the longest computation between two turns of the event loop during it, in milliseconds. */
const longestTurn = async <T>(work: () => Promise<T>): Promise<{ answer: T; longest: number }> => {
  let [longest, last, going] = [0, computed(), true];
  const turn = () => {
    const now = computed();
    longest = Math.max(longest, now - last);
    last = now;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const answer = await work();
  going = false;
  turn();
  return { answer, longest };
};

/** Milliseconds in which one thread checks a fifth of the versions of the largest index below. */
const fifth = (): number => {
  const bytes = Buffer.from(JSON.stringify(largeIndex(20_000, 1)));
  checkStrictly(bytes);
  const begun = computed();
  checkStrictly(bytes);
  return computed() - begun;
};

/**
 * The code of the error with which a refresh of an index ends; the longest turn of it, and of the first search and choice of
 * a version after it.
 */
const measure = async (
  makeIndex: () => unknown,
): Promise<{ refused: string | undefined; longest: number }> => {
  const { catalog, addLocal } = await openWorld();
  const { id, folder } = await addLocal();
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(largeIndex(1000)));
  // The worker thread has started when the measurement begins.
  await catalog.refresh(id);
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(makeIndex()));
  const refresh = () =>
    catalog.refresh(id).then(
      () => undefined,
      (error) => error.code,
    );
  const refreshing = await longestTurn(refresh);
  const searching = await longestTurn(() => catalog.search({ q: "plugin", page: 1, size: 50 }));
  const choosing = await longestTurn(() => catalog.resolve(id, toNamespace("plugin-00000")));
  const longest = Math.max(refreshing.longest, searching.longest, choosing.longest);
  return { refused: refreshing.answer, longest };
};

/** An index of many plugins in no order. */
const unsorted = (count: number) => {
  const index = largeIndex(count, 1);
  const entries = Object.entries(index.plugins).map(([key, plugin], n) => ({
    key,
    plugin,
    at: (n * 7919) % count,
  }));
  const plugins = Object.fromEntries(
    entries.sort((a, b) => a.at - b.at).map(({ key, plugin }) => [key, plugin]),
  );
  return { ...index, plugins };
};

const withVersions = (count: number) => {
  const index = largeIndex(1, 1);
  const plugin = index.plugins["plugin-00000"];
  const [version] = Object.values(plugin?.versions ?? {});
  const versions = Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`1.0.${n}`, { ...version, version: `1.0.${n}` }]),
  );
  return { ...index, plugins: { "plugin-00000": { ...plugin, versions } } };
};

// Each is made when its test runs: the garbage collector goes through what is kept here, in the turns that are measured.
test.each<[string, () => unknown, string | undefined]>([
  ["10,000 plugins", () => largeIndex(10_000, 5), undefined],
  ["100,000 plugins in no order", () => unsorted(100_000), undefined],
  ["2,000 versions in one entry", () => withVersions(2000), undefined],
  ["2,001 versions in one entry", () => withVersions(2001), "INDEX_INVALID"],
  ["30,000 versions in one entry", () => withVersions(30_000), "INDEX_INVALID"],
  [
    "ten million bytes of structure",
    () => ({ ...largeIndex(1), x: Array.from({ length: 300_000 }, () => ({ "12345678901234567890": 1 })) }),
    "INDEX_INVALID",
  ],
])("an index with %s does not hold the event loop", async (_, make, code) => {
  // A collection of all garbage of this process may fall into a turn, but not into the same one each time.
  for (let tries = 1; ; tries++) {
    const floor = fifth();
    const { refused, longest } = await measure(make);
    expect(refused).toBe(code);
    if (longest >= floor && tries < 3) continue;
    expect(longest).toBeLessThan(floor);
    return;
  }
});

test("a description of 80 MB is refused, and no search answers it", async () => {
  const { catalog, addLocal } = await openWorld();
  const { id, folder } = await addLocal();
  const index = largeIndex(2, 1);
  const [version] = Object.values(index.plugins["plugin-00000"]?.versions ?? {});
  Object.assign(version ?? {}, { description: "x".repeat(80 * 1024 * 1024) });
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(index));
  await expect(catalog.refresh(id)).rejects.toMatchObject({
    code: "INDEX_INVALID",
    params: { path: "/plugins/plugin-00000" },
  });
  await expect(catalog.search({ registry: id, page: 1, size: 10 })).rejects.toMatchObject({
    code: "REGISTRY_NOT_REFRESHED",
  });
});

test("the versions that a signed registry once offered unsigned do not hold the event loop when it adds one", async () => {
  const { source, refresh, store, id, offered } = await openSigned();
  source.show({ index: publication().index });
  await refresh();
  const hash = "a".repeat(64);
  const lines = Buffer.from(
    Array.from({ length: 300_000 }, (_, n) => `gone\t0.0.${n}\t${hash}\t100\n`).join(""),
  );
  await store.seenVersions.add(id, lines);
  let last = publication();
  source.show(last);
  await refresh();
  const versions: Record<string, string> = { "1.0.0": "one" };
  for (let tries = 1; ; tries++) {
    const begun = computed();
    const comparison = createSeenComparison(lines, 200, { rule: "follow" });
    comparison.offer("echo", `1.${tries}.0`, hash);
    expect(comparison.changed()).toBeUndefined();
    const onThisThread = computed() - begun;
    versions[`1.${tries}.0`] = "more";
    last = publication({ after: last, offers: { echo: versions } });
    source.show(last);
    const { longest } = await longestTurn(() => refresh());
    expect(await offered()).toHaveLength(1 + tries);
    if (longest >= onThisThread / 2 && tries < 3) continue;
    expect(longest).toBeLessThan(onThisThread / 2);
    break;
  }
  // The worker thread compares all of them.
  source.show(publication({ after: last, offers: { echo: versions, gone: { "0.0.299999": "other" } } }));
  const params = { namespace: "gone", version: "0.0.299999", expected: hash };
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED", params });
});
