import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { runCaptured } from "../../cli/cli-world.ts";
import { openBuildWorld } from "../build/build-world.ts";

/** Runs `preview` until the test has done its work. */
const withPreview = async (folder: string, work: (address: string) => Promise<void>): Promise<number> => {
  const stop = new AbortController();
  const stdout = new PassThrough();
  const ended = runCaptured(["registry", "preview", "mine"], { cwd: folder, stdout, signal: stop.signal });
  const address = await new Promise<string>((resolve) => {
    let text = "";
    stdout.on("data", (chunk) => {
      text += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (found) resolve(found);
    });
  });
  await work(address).finally(() => stop.abort());
  return (await ended).code;
};

it("serves the registry with caching headers, and a page for people without scripts", async () => {
  const { folder, plugin, write, build, index } = await openBuildWorld("--description", "A & <b>B</b>");
  await plugin("tags.ts", { namespace: "tags", type: "metadata", permissions: { net: ["api.example.org"] } });
  await write("mine/plugins/tags.md", "Reads <script>alert(1)</script> tags.");
  await build();
  const code = await withPreview(folder, async (address) => {
    const page = await fetch(address);
    const html = await page.text();
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(html).toContain("asks for: api.example.org");
    expect(html).toContain("hitagi install tags");
    expect(html).toContain("A &#38; &#60;b&#62;B&#60;/b&#62;");
    expect(html).not.toMatch(/<script|<b>B/);
    const first = await fetch(`${address}/registry.json`);
    expect([first.headers.get("cache-control"), await first.json()]).toEqual(["no-cache", await index()]);
    const etag = first.headers.get("etag") ?? "";
    const second = await fetch(`${address}/registry.json`, { headers: { "if-none-match": etag } });
    expect(second.status).toBe(304);
    const { artifact } = (await index()).plugins.tags.versions["1.0.0"];
    const file = await fetch(`${address}/${artifact}`);
    expect([file.status, file.headers.get("cache-control")]).toEqual([
      200,
      expect.stringContaining("immutable"),
    ]);
    for (const other of ["keeper.json", "plugins/tags.ts", "..%2fkey", "registry.head", "%ff"])
      expect((await fetch(`${address}/${other}`)).status).toBeGreaterThanOrEqual(400);
    expect((await fetch(address, { method: "POST" })).status).toBe(405);
  });
  expect(code).toBe(0);
});

it("refuses a folder that is no registry", async () => {
  const { run } = await openBuildWorld();
  const { code, err } = await run(["preview", "mine"]);
  expect([code, err]).toEqual([1, expect.stringContaining("There is no registry.json")]);
});
