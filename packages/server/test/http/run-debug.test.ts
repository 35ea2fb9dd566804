import { createClient, MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pluginText } from "./plugin-sources.ts";
import { KEY, openTestServer, type TestServer } from "./test-server.ts";

/** A bundle of two sources, whose map makes it larger than a plugin may be without one. */
const bundle = (): string => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `// ${"long ".repeat(300_000)}\n${pluginText(
        "bundled",
        "1.0.0",
        "script",
        `async run(ctx) {
          ctx.log.info("begins");
          await fetch("https://example.org/a?secret=1").catch((e) => ctx.log.warn(e.message));
          const held = new Array(4_000_000).fill(0.5);
          if (ctx.arg === "fail") {
            throw new Error("no luck " + held.length);
          }
          return { held: held.length };
        },`,
        `permissions: { net: ["api.example.org"] },`,
      )}`,
      sourcefile: "src/plugin.ts",
      loader: "ts",
    },
    sourcemap: "inline",
    format: "esm",
    outfile: "bundled.js",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
};

let server: TestServer;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await openTestServer();
  client = createClient(await server.http.listen({ port: 0, host: "127.0.0.1" }), KEY);
});
afterAll(() => server.close());

it("takes a bundle whose code is small enough without its map, and keeps the published file", async () => {
  const file = bundle();
  expect(Buffer.byteLength(file)).toBeGreaterThan(MAX_ARTIFACT_BYTES);
  await client.sideloadPlugin({ file: new Blob([file]), filename: "bundled.js", body: {} });
  const { files } = await client.verifyPlugins({});
  expect(files.find(({ namespace }) => namespace === "bundled")).toMatchObject({ state: "ok" });
  const large = `${"x".repeat(MAX_ARTIFACT_BYTES)}\n${file}`;
  const refused = client.sideloadPlugin({ file: new Blob([large]), filename: "large.js", body: {} });
  await expect(refused).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
});

it("answers the log, the requests with the reason of a refusal, the time, the memory, and a stack in the sources", async () => {
  const { success, debug } = await client.usePlugin({
    query: { plugin: "bundled", arg: "fail", debug: true },
  });
  expect(success).toBe(0);
  expect(debug?.log.map(({ level }) => level)).toEqual(["info", "warn", "warn", "error"]);
  expect(debug?.requests).toEqual([
    expect.objectContaining({
      method: "GET",
      url: "https://example.org/a",
      outcome: "CAPABILITY_DENIED",
      reason: expect.stringContaining("not granted"),
    }),
  ]);
  expect(debug?.stack).toMatch(/^ +at .*run \(src\/plugin\.ts:\d+:\d+\)/);
  expect(debug?.ms).toBeGreaterThan(0);
  if (process.platform === "linux") expect(debug?.memory).toBeGreaterThan(4_000_000 * 8);
  const done = await client.usePlugin({ query: { plugin: "bundled", debug: true } });
  expect(done).toMatchObject({ success: 1, data: { held: 4_000_000 }, debug: { stack: null } });
  expect((await client.usePlugin({ query: { plugin: "bundled" } })).debug).toBeUndefined();
});
