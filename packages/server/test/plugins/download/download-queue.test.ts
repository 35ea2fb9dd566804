import { type Manifest, toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { QueueDownload } from "../../../src/plugins/download/download-queue.ts";
import { openPlugins } from "../open-plugins.ts";
import { pluginSource } from "../plugin-source.ts";

type Queued = Parameters<QueueDownload>;

/** A script that adds the addresses in its argument, and a download plugin for one site; each with these permissions. */
const setup = async (script: Manifest["permissions"], downloader: Manifest["permissions"] = {}) => {
  const queued: Queued[] = [];
  const jobs = new Map<string, number>();
  const open = await openPlugins({
    queueDownload: async (...one) => {
      const { once } = one[1];
      if (!jobs.has(once)) queued.push(one);
      jobs.set(once, jobs.get(once) ?? jobs.size + 1);
      return jobs.get(once) ?? 0;
    },
  });
  const finder = pluginSource(
    { namespace: "finder", type: "script", ...(script && { permissions: script }) },
    `const all = [];
    for (const url of ctx.arg.split(" ")) all.push(await ctx.library.add(url).then(({ job }) => job, (e) => e.message));
    return { all };`,
  );
  const url_regex = "^https://works[.]example[:/]";
  const taker = pluginSource(
    { namespace: "taker", type: "download", url_regex, permissions: downloader },
    "return { downloadUrl: ctx.url };",
  );
  await open.sideload(finder, taker);
  const actor = { kind: "schedule", key: null } as const;
  const add = async (...urls: string[]) =>
    ((await open.plugins.use({ namespace: "finder", arg: urls.join(" "), actor })).data as { all: unknown })
      .all;
  return { ...open, queued, add };
};

const work = (n: number) => `https://works.example/g/${n}`;

test("a script hands the works that it finds to downloads, in the name of who runs it", async () => {
  const { add, queued } = await setup({ library: "add", net: ["works.example"] });
  expect(await add(work(1), work(2), `${work(1)}#page-3`)).toEqual([1, 2, 1]);
  expect(queued.map(([url, { actor, notes }]) => [url, actor, notes])).toEqual([
    [work(1), { kind: "schedule", key: null }, { plugin: "finder" }],
    [work(2), { kind: "schedule", key: null }, { plugin: "finder" }],
  ]);
  expect(await add(work(1))).toEqual([1]);
});

test("the hosts of the download plugin count as well", async () => {
  const { add } = await setup({ library: "add" }, { net: ["works.example"] });
  expect(await add(work(1))).toEqual([1]);
});

test("what the library has is not downloaded again", async () => {
  const { add, addArchive, queued } = await setup({ library: "add", net: ["works.example"] });
  await addArchive("had", "artist:me, Source:Works.example/g/1");
  expect(await add(work(1), work(2))).toEqual([null, 1]);
  expect(queued).toHaveLength(1);
});

test("an address that no download plugin takes is refused", async () => {
  const { add } = await setup({ library: "add", net: ["other.example"] });
  expect(await add("https://other.example/g/1")).toEqual([expect.stringContaining("other.example/g/1")]);
});

test("with the right to read as well, a script reads; with the right to add alone it does not", async () => {
  const reading = (library: "add" | "read+add") =>
    pluginSource(
      { namespace: "reader", type: "script", permissions: { library } },
      `return { seen: await ctx.library.search("x").then(() => "read", (e) => e.message) };`,
    );
  const open = await openPlugins();
  await open.sideload(reading("add"));
  expect((await open.plugins.use({ namespace: "reader" })).data).toEqual({
    seen: expect.stringContaining("library read is not granted"),
  });
  expect(open.plugins.mayWrite(toNamespace("reader"))).toBe(true);
  const both = await openPlugins();
  await both.sideload(reading("read+add"));
  expect((await both.plugins.use({ namespace: "reader" })).data).toEqual({ seen: "read" });
});
