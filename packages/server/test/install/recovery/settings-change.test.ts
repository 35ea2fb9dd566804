import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { pluginText } from "../../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { startNode } from "./redis-node.ts";

const source = pluginText(
  "echo",
  "1.0.0",
  "script",
  `parameters: { word: { type: "string", desc: "A word", default_value: "old" } },
  async run({ settings }) { return { word: settings.word }; },`,
);

/** Records the paths that the process opens or reads, until the test ends. */
const recordReads = (): string[] => {
  const reads: string[] = [];
  const { readFile, open } = fs;
  const restore = () => {
    Object.assign(fs, { readFile, open });
    syncBuiltinESMExports();
  };
  const recorded =
    <A extends unknown[], R>(read: (...args: A) => R) =>
    (...args: A): R => {
      reads.push(String(args[0]));
      return read(...args);
    };
  Object.assign(fs, { readFile: recorded(readFile), open: recorded(open) });
  syncBuiltinESMExports();
  onTestFinished(restore);
  return reads;
};

describe.skipIf(withoutRedis)("a change of another node that leaves a plugin's file as it is", () => {
  const redis = sharedRedis();
  let database = 0;
  beforeEach(() => void database++);

  test("is applied with one read of the file", async () => {
    const store = redis().address(database);
    const first = await startNode(store, await tempFolder());
    await first.installer.sideload("echo.ts", Buffer.from(source), true);
    const data = await tempFolder();
    const second = await startNode(store, data);
    expect(await second.use()).toEqual({ word: "old" });

    const reads = recordReads();
    await first.plugins.putSettings("echo", { word: "new" });
    expect(await second.use()).toEqual({ word: "new" });
    const file = path.join(data, "plugins/Sideloaded/echo.ts");
    expect(reads.filter((read) => read === file)).toEqual([file]);
  });
});
