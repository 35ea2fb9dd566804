// Bundles each thread of the server into one file, with everything that it needs.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @param {string} entry below packages/server/src */
const bundleWorker = (entry, outfile) =>
  build({
    entryPoints: [path.join(root, "packages/server/src", entry)],
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

/** @param {string} outfile the server looks for index-worker.js in its own dist folder */
export const bundleIndexWorker = (outfile) => bundleWorker("catalog/index-worker.ts", outfile);

/** @param {string} outfile the server looks for url-pattern-worker.js in its own dist folder */
export const bundleUrlPatternWorker = (outfile) => bundleWorker("runtimes/url-pattern-worker.ts", outfile);
