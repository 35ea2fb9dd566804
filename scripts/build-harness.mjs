// Bundles what runs inside Deno around a plugin into one file, with everything that it needs.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @param {string} outfile where the harness goes; the server looks for harness.js in its own dist folder */
export const bundleHarness = async (outfile) => {
  await build({
    entryPoints: [path.join(root, "packages/server/src/runtimes/deno/harness/main.ts")],
    outfile,
    bundle: true,
    platform: "neutral",
    mainFields: ["module", "main"],
    format: "esm",
    target: "esnext",
    minify: true,
    external: ["node:async_hooks", "canvas"],
    logLevel: "warning",
  });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleHarness(path.join(root, "packages/server/dist/harness.js"));
}
