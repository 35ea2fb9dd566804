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

/** A script whose last value is what `contents` exports. */
const bundleScript = async (contents) => {
  const { outputFiles } = await build({
    ...shared,
    stdin: { contents, resolveDir: folder },
    format: "iife",
    globalName: "exported",
    external: ["canvas"],
    write: false,
  });
  // In a function, so that the name is no global of the plugin.
  return `(() => {${outputFiles[0].text};return exported})()`;
};

const htmlParser = 'export { DOMParser, parseHTML } from "linkedom";';
const moduleParser = `export { parse } from "acorn";
export { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";`;

/**
 * Writes the harness, with the parsers in it as text: as code in the same file they would cost every process 50 ms at
 * start, most of which is Deno's own look through them for imports.
 * @param {string} outfile where the harness goes; the server looks for harness.js in its own dist folder
 */
export const bundleHarness = async (outfile) => {
  await build({
    ...shared,
    entryPoints: [path.join(folder, "main.ts")],
    outfile,
    format: "esm",
    external: ["node:async_hooks"],
    define: { HTML_PARSER_SOURCE: JSON.stringify(await bundleScript(htmlParser)) },
  });
};

/** Writes the compiler of plugins, which the server looks for beside the harness. */
export const bundleCompiler = async (outfile) => {
  await build({
    ...shared,
    entryPoints: [path.join(folder, "compiler.ts")],
    outfile,
    format: "esm",
    external: ["node:module"],
    define: { MODULE_PARSER_SOURCE: JSON.stringify(await bundleScript(moduleParser)) },
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleHarness(path.join(root, "packages/server/dist/harness.js"));
  await bundleCompiler(path.join(root, "packages/server/dist/compiler.js"));
}
