// Installs and builds what is missing or outdated, and nothing else. Uses only what Node itself brings.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Hitagi needs Node 20.19 or newer; this is ${process.versions.node}.`);
  console.error("hint: install a newer Node from https://nodejs.org");
  process.exit(1);
}

const hashOf = (files) => {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(at(file)));
  return hash.digest("hex");
};

/** All files below a folder of the project, as paths relative to it, sorted. */
const below = (folder) =>
  readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();

const readStamp = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");

const run = (command, args) => {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(
    `hint: \`${command} ${args.join(" ")}\` failed${error ? `: ${error.message}` : ""}; run it by hand to see why.`,
  );
  process.exit(1);
};

/** `npm ci` would empty the folder that a link leads to, which is another checkout's. */
const isLinked = () => lstatSync(at("node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Installs the locked dependencies, with those for development where `dev`, unless they are there already. */
export const installDependencies = (dev) => {
  if (isLinked()) return;
  const stamp = at("node_modules", ".hitagi-stamp");
  const locked = hashOf(["package-lock.json"]);
  const installed = readStamp(stamp);
  if (installed === `${locked} dev` || (!dev && installed === `${locked} run`)) return;
  console.error("Installing dependencies…");
  run("npm", [
    "ci",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
    ...(dev ? [] : ["--omit=dev"]),
  ]);
  writeFileSync(stamp, `${locked} ${dev ? "dev" : "run"}`);
};

/** Bundles the program, unless the bundle is of these very sources. */
const build = async (dev) => {
  const sources = [
    "plugins",
    "packages/contract/src",
    "packages/sdk/src",
    "packages/server/src",
    "packages/server/bench",
    "packages/server/dev",
    "packages/server/chaos",
    "packages/web/src",
    "packages/web/public",
    "packages/web/build",
  ]
    .filter((folder) => existsSync(at(folder)))
    .flatMap(below)
    .concat(
      "scripts/build.mjs",
      "scripts/build-page.mjs",
      "scripts/build-parts.mjs",
      "scripts/detection-models.mjs",
      "scripts/third-party.mjs",
      "packages/web/index.html",
      "packages/web/vite.config.ts",
      "package-lock.json",
    )
    .filter((file) => existsSync(at(file)));
  const stamp = at("packages", "server", "dist", ".stamp");
  const wanted = hashOf(sources);
  const built = readStamp(stamp);
  if (built === `${wanted} dev` || (!dev && built === `${wanted} run`)) return;
  console.error("Building…");
  const { bundle } = await import("./build.mjs");
  await bundle({ dev });
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${wanted} ${dev ? "dev" : "run"}`);
};

/** @param {{ dev?: boolean }} options `dev`: with what tests, checks and benchmarks need */
export const prepare = async ({ dev = false } = {}) => {
  installDependencies(dev);
  await build(dev);
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await prepare({ dev: process.argv.includes("--dev") });
