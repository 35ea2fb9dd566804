import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Io } from "../../src/cli/io.ts";
import { type Ran, runCaptured } from "../cli/cli-world.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

export const ORIGIN = "example.org/plugins";

/** A folder with a registry in `mine`, whose commands run in the folder. */
export const openKeysWorld = async () => {
  const folder = await tempFolder();
  const mine = path.join(folder, "mine");
  await mkdir(mine);
  const run = (argv: string[], io: Partial<Io> = {}): Promise<Ran> =>
    runCaptured(argv, { cwd: folder, ...io });
  return {
    folder,
    mine,
    /** Writes the index of these versions of the plugin `echo`. A text makes other bytes. */
    publish: (...versions: (string | [version: string, text: string])[]) =>
      writeRegistry(mine, [
        {
          namespace: "echo",
          type: "script",
          versions: versions.map((one) => {
            const [version, text] = typeof one === "string" ? [one, ""] : one;
            const source = pluginSource({ namespace: "echo", type: "script", version });
            return { version, source: `${source}\n// ${text}` };
          }),
        },
      ]),
    /** Makes `key` and `paper`, or files of other names. */
    keygen: (out = "key", recovery = "paper", ...more: string[]) =>
      run(["registry", "keygen", "--origin", ORIGIN, "--out", out, "--recovery-out", recovery, ...more]),
    sign: (...more: string[]) => run(["registry", "sign", "mine", "--key", "key", ...more]),
    recover: (...more: string[]) =>
      run(["registry", "recover", "mine", "--recovery", "paper", "--out", "new-key", ...more]),
    verify: (...more: string[]) => run(["registry", "verify", "mine", ...more]),
    run,
    read: (file: string) => readFile(path.join(folder, file), "utf8"),
    write: (file: string, text: string) => writeFile(path.join(folder, file), text),
  };
};
