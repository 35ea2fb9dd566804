import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { external, root } from "../../../../scripts/build.mjs";
import { forNode } from "../../../../scripts/build-parts.mjs";

/** Libraries that only some commands need. Loaded for each of them, they made the start of every command twice as long. */
const HEAVY =
  /node_modules\/(typebox\/build\/value|undici|acorn|ajv|fastify|yaml|nodemailer|jschardet|@jridgewell)\//;

test("a command loads no library of another command before it runs", async () => {
  const { metafile } = await build({
    ...forNode,
    entryPoints: [path.join(root, "packages/server/src/cli/main.ts")],
    outdir: path.join(root, "none"),
    external,
    splitting: true,
    metafile: true,
    write: false,
  });
  const [entry] = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
    entryPoint?.endsWith("cli/main.ts"),
  ) ?? [""];
  const loaded = new Set([entry]);
  for (const file of loaded)
    for (const { path: imported, kind } of metafile.outputs[file]?.imports ?? [])
      if (kind === "import-statement") loaded.add(imported);
  const sources = [...loaded].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
  expect(sources).toContain("packages/server/src/cli/run-cli.ts");
  expect(sources.filter((source) => HEAVY.test(source))).toEqual([]);
});
