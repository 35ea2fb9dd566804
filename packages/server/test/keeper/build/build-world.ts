import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Io } from "../../../src/cli/io.ts";
import { type Ran, runCaptured } from "../../cli/cli-world.ts";
import { pluginSource, type SourceOptions } from "../../install/plugin-source.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** A folder with a new registry in `mine`, whose commands run in the folder. */
export const openBuildWorld = async (...init: string[]) => {
  const folder = await tempFolder();
  const mine = path.join(folder, "mine");
  const run = (argv: string[], io: Partial<Io> = {}): Promise<Ran> =>
    runCaptured(["registry", ...argv], { cwd: folder, ...io });
  await run(["init", "mine", "--name", "Mine", ...init]);
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };
  const read = (file: string) => readFile(path.join(folder, file), "utf8");
  return {
    folder,
    mine,
    run,
    read,
    write,
    /** Writes a plugin's source to a path in the folder of plugins. */
    plugin: (file: string, options: SourceOptions = {}, more = "") =>
      write(`mine/plugins/${file}`, `${pluginSource(options)}${more}`),
    build: (...more: string[]) => run(["build", "mine", ...more]),
    index: async () => JSON.parse(await read("mine/registry.json")),
    details: async () => JSON.parse(await read("mine/registry.details.json")),
    /** All files of the registry with their texts. */
    files: async (): Promise<Record<string, string>> => {
      const entries = await readdir(mine, { recursive: true, withFileTypes: true });
      const names = entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(mine, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
        .sort();
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await read(`mine/${name}`)])),
      );
    },
  };
};
