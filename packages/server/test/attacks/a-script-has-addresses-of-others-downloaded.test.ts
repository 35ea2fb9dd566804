import type { RequestedPermissions } from "@hitagi/contract";
import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

/** A script of these rights beside a download plugin that takes every address, and what they queue. */
const setup = async (permissions: RequestedPermissions) => {
  const queued: string[] = [];
  const open = await openPlugins({ queueDownload: async (url) => queued.push(url) });
  const body = `const all = [];
    for (const url of ctx.arg.split(" ")) all.push(await ctx.library.add(url).then(({ job }) => job, (e) => e.message));
    return { all };`;
  await open.sideload(
    pluginSource({ namespace: "finder", type: "script", permissions }, body),
    pluginSource(
      { namespace: "taker", type: "download", url_regex: ".", permissions: { net: ["works.example"] } },
      "return { downloadUrl: ctx.url };",
    ),
  );
  const add = async (...urls: string[]) =>
    ((await open.plugins.use({ namespace: "finder", arg: urls.join(" ") })).data as { all: unknown[] }).all;
  return { ...open, queued, add };
};

test("hosts that neither the script nor the download plugin has are refused, even if the pattern takes them", async () => {
  const { add, queued } = await setup({ library: "add", net: ["feed.example"] });
  const others = [
    "https://evil.example/?secret=1",
    "http://127.0.0.1:3000/api/backup",
    "https://works.example:8443/a",
    "https://works.example.evil.example/a",
    "https://sub.works.example/a",
  ];
  for (const answer of await add(...others))
    expect(answer).toContain("is granted neither to it nor to taker");
  expect(await add("https://works.example/a", "https://feed.example/b")).toEqual([1, 2]);
  expect(queued).toEqual(["https://works.example/a", "https://feed.example/b"]);
});

test("addresses of other schemes, with a password, and no addresses are refused", async () => {
  const { add, queued } = await setup({ library: "add", net: ["feed.example"] });
  const answers = await add(
    "file:///etc/passwd",
    "https://me:pw@feed.example/",
    "data:,x",
    "feed.example/b",
    "-",
  );
  for (const answer of answers) expect(answer).toContain("library.add");
  expect(queued).toEqual([]);
});

test("a script without the right is refused, also one that may write, and one whose right is taken away", async () => {
  for (const library of ["read", "write"] as const) {
    const { add } = await setup({ library, net: ["feed.example"] });
    expect(await add("https://feed.example/a")).toEqual([
      expect.stringContaining("library add is not granted"),
    ]);
  }
  const { add, plugins, queued } = await setup({ library: "write+add", net: ["feed.example"] });
  await plugins.grant("finder", { library: "write", net: ["feed.example"] });
  expect(await add("https://feed.example/a")).toEqual([
    expect.stringContaining("library add is not granted"),
  ]);
  expect(queued).toEqual([]);
});

test("a plugin that is no script is refused", async () => {
  const open = await openPlugins();
  await open.sideload(
    pluginSource(
      { namespace: "finder", type: "metadata", permissions: { library: "add", net: ["feed.example"] } },
      `return { summary: await ctx.library.add("https://feed.example/a").then(String, (e) => e.message) };`,
    ),
  );
  const { id } = await open.addArchive("a");
  const { data } = await open.plugins.use({ namespace: "finder", archive: id });
  expect(data).toMatchObject({ summary: expect.stringContaining("only scripts can") });
});

test("a call adds at most a hundred addresses, refused ones included", async () => {
  const { add, queued } = await setup({ library: "add", net: ["feed.example"] });
  const urls = Array.from({ length: 103 }, (_, n) => `https://${n < 10 ? "evil" : "feed"}.example/${n}`);
  const answers = await add(...urls);
  expect(queued).toHaveLength(90);
  for (const answer of answers.slice(100)) expect(answer).toContain("at most 100 addresses");
});
