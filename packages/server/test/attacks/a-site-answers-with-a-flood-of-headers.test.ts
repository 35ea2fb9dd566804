import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const fields = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "y".repeat(length)]));

const answering = (headers: Record<string, string | string[]>) =>
  serve((_, response) => response.writeHead(200, headers).end("body"));

test.each<[string, Record<string, string | string[]>, string]>([
  ["many fields", fields(1000, 1), "CAPABILITY_LIMIT"],
  ["one field a thousand times", { "x-many": Array(1000).fill("y") }, "CAPABILITY_LIMIT"],
  ["too many bytes", fields(20, 8000), "REQUEST_FAILED"],
])("%s: the request fails", async (_, headers, code) => {
  const server = await answering(headers);
  const { broker } = await realBroker();
  await expect(fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).rejects.toMatchObject({ code });
});

test("a hundred fields are no flood", async () => {
  const server = await answering(fields(100, 100));
  const { broker } = await realBroker();
  expect((await fetchAs(broker, scopeOf({ net: [server.host] }), server.url)).text).toBe("body");
});

test("a download fails too", async () => {
  const server = await answering(fields(1000, 1));
  const { sideload, plugins } = await openPlugins();
  await sideload(
    pluginSource(
      { namespace: "site", type: "download", url_regex: "^http", permissions: { net: [server.host] } },
      "return { downloadUrl: ctx.url };",
    ),
  );
  await expect(plugins.download(server.url)).rejects.toMatchObject({ code: "REQUEST_FAILED" });
});
