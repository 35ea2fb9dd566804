import path from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { external, root } from "../../../../scripts/build.mjs";
import { forNode } from "../../../../scripts/build-parts.mjs";

interface Built {
  entryPoint?: string | undefined;
  inputs: Record<string, unknown>;
  imports: readonly { path: string; kind: string }[];
}

let outputs: Record<string, Built>;
beforeAll(async () => {
  const { metafile } = await build({
    ...forNode,
    entryPoints: [path.join(root, "packages/server/src/cli/main.ts")],
    outdir: path.join(root, "none"),
    external,
    splitting: true,
    metafile: true,
    write: false,
  });
  outputs = metafile.outputs;
});

/** The sources that are loaded with some files of `src/`. */
const loadedWith = (...files: string[]): string[] => {
  const entries = files.map((file) => {
    const [output] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(file)) ?? [];
    if (output === undefined) throw new Error(`${file} is no file that is loaded by itself`);
    return output;
  });
  const loaded = new Set(entries);
  for (const file of loaded)
    for (const { path: imported, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement") loaded.add(imported);
  return [...loaded].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
};

test("the version is printed without a library and without a command", () => {
  const sources = loadedWith("cli/main.ts");
  expect(sources).toContain("packages/server/src/version.ts");
  expect(sources.filter((source) => /node_modules|\/commands\//.test(source))).toEqual([]);
});

/** Libraries that only some commands need. Loaded for each of them, they made the start of every command twice as long. */
const OF_COMMANDS =
  /node_modules\/(typebox\/build\/value|undici|acorn|ajv|fastify|yaml|nodemailer|jschardet|@jridgewell)\//;

test("a command loads no library of another command before it runs", () => {
  const sources = loadedWith("cli/run-cli.ts");
  expect(sources).toContain("packages/server/src/cli/commands/install.ts");
  expect(sources.filter((source) => OF_COMMANDS.test(source))).toEqual([]);
});

/** Libraries that a server needs for some calls only, each a hundredth to a sixth of all code. */
const OF_CALLS =
  /node_modules\/(undici|tough-cookie|unicode-confusables|@fastify\/(swagger|swagger-ui|send|ajv-compiler)|yaml|mime|tar|@opentelemetry|nodemailer|jschardet|ioredis)\//;

test("a server starts without the libraries that its first call does not need, and without the other commands", () => {
  const sources = loadedWith("cli/run-server.ts", "app/listen.ts", "src/log.ts");
  expect(sources).toContain("packages/server/src/http/server.ts");
  expect(sources.filter((source) => OF_CALLS.test(source))).toEqual([]);
  expect(sources.filter((source) => /\/cli\/commands\//.test(source))).toEqual([
    "packages/server/src/cli/commands/serve.ts",
  ]);
});
