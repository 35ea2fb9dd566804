// Bundles each program with all that it needs: reading a few large files makes the start twice as fast as hundreds of
// small ones.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPage } from "./build-page.mjs";
import { buildPart, buildSdk, externalReaders, forNode, partNames } from "./build-parts.mjs";
import { thirdPartyText } from "./third-party.mjs";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

/** What every build has, and what needs the packages for development. */
const programs = {
  hitagi: "packages/server/src/cli/main.ts",
  "vet-builtins": "packages/server/dev/vet-builtins.ts",
};
const devPrograms = {
  demo: "packages/server/dev/demo.ts",
  docs: "packages/server/dev/docs.ts",
  openapi: "packages/server/dev/openapi.ts",
  bench: "packages/server/bench/main.ts",
  "bench-floor": "packages/server/bench/floor-main.ts",
  cluster: "packages/server/chaos/main.ts",
};

/** These find files beside themselves: a native library, the page of the API, Deno's binary, a compiler. */
export const external = [
  "@photostructure/sqlite",
  "@fastify/swagger-ui",
  "deno",
  "esbuild",
  "playwright-core",
  ...externalReaders,
  // The server gives Fastify compilers of its own, so that it loads neither of these. The floors in the benchmark do.
  "@fastify/ajv-compiler",
  "@fastify/fast-json-stringify-compiler",
];

const dist = at("packages/server/dist");

/**
 * Writes packages/server/dist: the programs, what runs inside the sandbox, and the builtin plugins.
 * @param {{ dev: boolean, into?: string }} options `dev`: the programs for development too; `into`: another folder
 */
export const bundle = async ({ dev, into = dist }) => {
  for (const old of ["chunks", "builtin", "builtin-artifacts", "perl", "sdk", "registry"])
    rmSync(path.join(into, old), { recursive: true, force: true });
  const chosen = dev ? { ...programs, ...devPrograms } : programs;
  const entryPoints = Object.fromEntries(Object.entries(chosen).map(([name, source]) => [name, at(source)]));
  await build({
    ...forNode,
    entryPoints,
    outdir: into,
    external,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    sourcemap: true,
  });
  for (const name of partNames) await buildPart(name, path.join(into, name));
  await buildPage(path.join(into, "web"));
  await buildSdk(path.join(into, "sdk"));
  writeFileSync(path.join(into, "THIRD-PARTY.md"), thirdPartyText());
  cpSync(at("plugins"), path.join(into, "builtin"), { recursive: true });
  // What owners read of it; the sources and tests of its plugins stay in the checkout.
  for (const name of ["registry.json", "registry.details.json", "artifacts"])
    cpSync(at("registry", name), path.join(into, "registry", name), { recursive: true });
  cpSync(at("packages/server/src/runtimes/perl/lib"), path.join(into, "perl"), { recursive: true });
  // The first place that exists is used, and beside the chunks only a built program would find them.
  mkdirSync(path.join(into, "builtin-artifacts"));
  execFileSync(process.execPath, [path.join(into, "vet-builtins.js")], { stdio: "inherit" });
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle({ dev: true });
