// Bundles what runs inside Deno around a plugin into one file, with everything that it needs.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, "packages/server/src/runtimes/deno/harness");

const shared = {
  bundle: true,
  platform: "neutral",
  mainFields: ["module", "main"],
  target: "esnext",
  minify: true,
  logLevel: "warning",
};

/** The HTML parser as a script whose last value is the parser. */
const bundleParser = async () => {
  const { outputFiles } = await build({
    ...shared,
    stdin: { contents: 'export { DOMParser, parseHTML } from "linkedom";', resolveDir: folder },
    format: "iife",
    globalName: "linkedom",
    external: ["canvas"],
    write: false,
  });
  return `${outputFiles[0].text};linkedom`;
};

/**
 * Writes the harness, with the parser in it as text: as code in the same file it would cost every process 50 ms at
 * start, most of which is Deno's own look through it for imports.
 * @param {string} outfile where the harness goes; the server looks for harness.js in its own dist folder
 */
export const bundleHarness = async (outfile) => {
  await build({
    ...shared,
    entryPoints: [path.join(folder, "main.ts")],
    outfile,
    format: "esm",
    external: ["node:async_hooks"],
    define: { PARSER_SOURCE: JSON.stringify(await bundleParser()) },
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleHarness(path.join(root, "packages/server/dist/harness.js"));
}
