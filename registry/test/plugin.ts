import { readFileSync } from "node:fs";
import path from "node:path";
import { openPlugin, type TestedPlugin, type TestResult, type TestRun } from "@hitagi/sdk/testing";
import { beforeAll } from "vitest";
import { bundleServer } from "../../packages/server/test/support/serve-process.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folderOf = (namespace: string): string => path.join(root, "registry/plugins", namespace);

/** A sample file beside a plugin, as text. */
export const sample = (namespace: string, name: string): string =>
  readFileSync(path.join(folderOf(namespace), "samples", name), "utf8");

/**
 * A plugin of the registry in the sandbox of this checkout's program. The sandbox is not closed after a file: the files of a worker
 * share it, and it ends with the worker.
 */
export const testPlugin = (namespace: string): ((given?: TestRun) => Promise<TestResult>) => {
  let plugin: TestedPlugin | undefined;
  beforeAll(async () => {
    process.env.HITAGI_PROGRAM ??= await bundleServer(path.join(root, "packages/server/src/cli/main.ts"));
    plugin = await openPlugin(path.join(folderOf(namespace), `${namespace}.ts`));
  });
  return async (given) => {
    if (!plugin) throw new Error("The plugin is opened before the tests.");
    return plugin.run(given);
  };
};
