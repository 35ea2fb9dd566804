// Bundles each file that does not run in the server's own thread, with everything that it needs: what runs inside Deno around
// a plugin, the worker threads, and the processes that read archives and draw thumbnails.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { detectionModels } from "./detection-models.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const harness = at("packages/server/src/runtimes/deno/harness");

const shared = { bundle: true, mainFields: ["module", "main"], logLevel: "warning" };

/** esbuild's options for what runs in Node. */
export const forNode = {
  ...shared,
  platform: "node",
  format: "esm",
  target: "node20.19",
  // A smaller package. Names stay, for stacks.
  minifySyntax: true,
  minifyWhitespace: true,
  alias: {
    "@hitagi/contract": at("packages/contract/src/index.ts"),
    "@hitagi/sdk/testing": at("packages/sdk/src/testing/index.ts"),
    "@hitagi/sdk": at("packages/sdk/src/index.ts"),
    "@hitagi/trust": at("packages/trust/src/index.ts"),
    // prom-client uses it for exemplars only, which are off.
    "@opentelemetry/api": at("scripts/no-telemetry.mjs"),
  },
  plugins: [detectionModels],
  // CommonJS packages inside a module still ask for `require`.
  banner: {
    js: 'import { createRequire as moduleRequire } from "node:module"; const require = moduleRequire(import.meta.url);',
  },
};

const forDeno = { ...shared, platform: "neutral", target: "esnext", minify: true };

/** A script as JSON text. Its last value is what `contents` exports. */
const bundleScript = async (contents) => {
  const { outputFiles } = await build({
    ...forDeno,
    stdin: { contents, resolveDir: harness },
    format: "iife",
    globalName: "exported",
    external: ["canvas"],
    write: false,
  });
  // In a function, so that the name is no global of the plugin.
  return JSON.stringify(`(() => {${outputFiles[0].text};return exported})()`);
};

/**
 * A module for Deno with its parser in it as text: as code in the same file it would cost every process 50 ms at start, most of
 * which is Deno's own look through it for imports.
 */
const denoModule = async (entry, external, name, parser) => ({
  ...forDeno,
  entryPoints: [path.join(harness, entry)],
  format: "esm",
  external: [external],
  define: { [name]: await bundleScript(parser) },
});

const htmlParser = 'export { DOMParser, parseHTML } from "linkedom"; export { SaxesParser } from "saxes";';
const moduleParser = `export { parse } from "acorn";
export { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";`;

/** Libraries that find files beside themselves, such as their WebAssembly, or a program of the platform. */
export const externalReaders = ["7z-wasm", "pdfjs-dist", "@napi-rs/canvas", "sharp"];

const worker = (entry) => ({
  ...forNode,
  // Their errors reach the log by message, so that the names of the code would only make the package larger.
  minifyIdentifiers: true,
  entryPoints: [at("packages/server/src", entry)],
  external: [...externalReaders, "@photostructure/sqlite"],
});

/** The options of each part, by its file: the server looks for it in its own dist folder. */
const parts = {
  "harness.js": () => denoModule("main.ts", "node:async_hooks", "HTML_PARSER_SOURCE", htmlParser),
  "compiler.js": () => denoModule("compiler.ts", "node:module", "MODULE_PARSER_SOURCE", moduleParser),
  "index-worker.js": () => worker("catalog/index-worker.ts"),
  "archive-reader.js": () => worker("library/containers/reader-main.ts"),
  "thumbnail-drawer.js": () => worker("thumbnails/drawer-main.ts"),
  "faults-reader.js": () => worker("store/sqlite/faults-main.ts"),
  "map-worker.js": () => worker("runtimes/stack/map-worker.ts"),
  "url-pattern-worker.js": () => worker("runtimes/url-pattern-worker.ts"),
};

export const partNames = Object.keys(parts);

/** esbuild's options of a part. @param {string} name one of the names */
export const partOptions = (name) => parts[name]();

/** @param {string} name one of the names */
export const buildPart = async (name, outfile) => {
  await build({ ...(await partOptions(name)), outfile });
};

/** Writes a file, unless it has this content already: another run may be reading it. */
const writeChanged = (file, content) => {
  if (existsSync(file) && readFileSync(file).equals(content)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};

/**
 * The SDK as `hitagi new` puts it beside a plugin: its sources as types, and the test kit as one file of JavaScript.
 * @param {string} folder it is written to
 */
export const buildSdk = async (folder) => {
  const sources = at("packages/sdk/src");
  for (const name of readdirSync(sources, { recursive: true }).filter((name) => name.endsWith(".ts")))
    writeChanged(path.join(folder, "src", name), readFileSync(path.join(sources, name)));
  const options = {
    ...forNode,
    banner: {},
    write: false,
    entryPoints: [path.join(sources, "testing/index.ts")],
  };
  const { outputFiles } = await build(options);
  writeChanged(path.join(folder, "testing.js"), Buffer.from(outputFiles[0].contents));
  writeChanged(path.join(folder, "index.js"), Buffer.from("export {};\n"));
  const { name, version, license, engines } = JSON.parse(
    readFileSync(at("packages/sdk/package.json"), "utf8"),
  );
  const exports = {
    ".": { types: "./src/index.ts", default: "./index.js" },
    "./testing": { types: "./src/testing/index.ts", default: "./testing.js" },
  };
  const manifest = { name, version, license, type: "module", engines, exports };
  writeChanged(path.join(folder, "package.json"), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
};
