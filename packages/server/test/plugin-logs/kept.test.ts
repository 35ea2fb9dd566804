import { describe, expect, test, vi } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { type ServeProcess, sharedProgram } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const chatty = pluginText(
  "chatty",
  "1.0.0",
  "script",
  `async run(ctx) { ctx.log.info("said " + ctx.arg); },`,
);
const params = { namespace: "chatty" };

const say = async ({ client }: ServeProcess, arg: string): Promise<void> => {
  expect(await client.usePlugin({ query: { plugin: "chatty", arg } })).toMatchObject({ success: 1 });
};

const said = async ({ client }: ServeProcess): Promise<string[]> =>
  (await client.listPluginLog({ params })).items.map(({ text }) => text);

describe("the log of a plugin", () => {
  const program = sharedProgram();

  test("survives kill -9", async () => {
    const HITAGI_DATA = await tempFolder();
    const first = await program.serve({ HITAGI_DATA });
    await first.client.sideloadPlugin({ file: new Blob([chatty]), filename: "chatty.ts", body: {} });
    await say(first, "one");
    expect(await said(first)).toEqual(["said one"]);
    await first.kill();
    const second = await program.serve({ HITAGI_DATA });
    expect(await said(second)).toEqual(["said one"]);
    await say(second, "two");
    await second.stop();
    const third = await program.serve({ HITAGI_DATA });
    expect(await said(third)).toEqual(["said one", "said two"]);
  });

  describe.skipIf(withoutRedis)("on Redis", () => {
    const redis = sharedRedis();

    test("is one for all servers, and survives kill -9", async () => {
      const HITAGI_STORE = redis().address(1);
      const HITAGI_LIBRARY = await libraryOn(HITAGI_STORE);
      const env = { HITAGI_STORE, HITAGI_LIBRARY };
      const [one, other] = [await program.serve(env), await program.serve(env)];
      await one.client.sideloadPlugin({ file: new Blob([chatty]), filename: "chatty.ts", body: {} });
      const followed: string[] = [];
      const stream = await other.client.streamPluginLog({ params, query: { after: 0 } });
      const reading = (async () => {
        for await (const message of stream) if (message.kind === "line") followed.push(message.text);
      })().catch(() => {});
      await say(one, "one");
      await vi.waitFor(() => expect(followed).toEqual(["said one"]));
      await say(other, "two");
      await vi.waitFor(() => expect(followed).toEqual(["said one", "said two"]));
      await other.kill();
      await reading;
      expect(await said(one)).toEqual(["said one", "said two"]);
      const { items } = await one.client.listPluginLog({ params, query: { level: "info", size: 1 } });
      expect(items).toMatchObject([{ text: "said two", call: expect.any(String), job: null }]);
    });
  });
});
