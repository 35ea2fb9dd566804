// Bundles the thread that checks large indexes into one file, with everything that it needs.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @param {string} outfile where it goes; the server looks for index-worker.js in its own dist folder */
export const bundleIndexWorker = (outfile) =>
  build({
    entryPoints: [path.join(root, "packages/server/src/catalog/index-worker.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    mainFields: ["module", "main"],
    alias: { "@hitagi/contract": path.join(root, "packages/contract/src/index.ts") },
    banner: {
      js: 'import { createRequire as moduleRequire } from "node:module"; const require = moduleRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
