// `npm pack` and `npm publish` run this before and after in the folder of a package. Inside the checkout a package is its
// TypeScript sources; what is packed is built, and its package.json says so while it is packed.
//   server         bundled with nearly all of its libraries, as the lock has them: it asks only for those that are not in the bundle
//   contract, sdk  JavaScript modules and their types, with the `exports` of `publishConfig`, as pnpm packs
// `npm run pack` packs all of them into the current folder.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { installDependencies, root } from "./prepare.mjs";

const at = (...parts) => path.join(root, ...parts);
const packages = ["contract", "sdk", "server"];

/** Builds the modules and types of a library. */
const buildLibrary = (name) => {
  const dist = at("packages", name, "dist");
  rmSync(dist, { recursive: true, force: true });
  const tsc = at("node_modules", "typescript", "bin", "tsc");
  const project = at("packages", name, "tsconfig.pack.json");
  execFileSync(process.execPath, [tsc, "-p", project], { stdio: ["ignore", 2, 2] });
  // The compiler leaves the addresses in types as they are in the sources.
  for (const file of readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".d.ts"))) {
    const types = readFileSync(path.join(dist, file), "utf8");
    writeFileSync(path.join(dist, file), types.replace(/((?:from|import) ?\(?"\.[^"]*)\.ts"/g, '$1.js"'));
  }
};

const buildServer = async () => {
  const { bundle, external } = await import("./build.mjs");
  // Programs for development share chunks with the others: built without them, those are gone, so they go too.
  rmSync(at("packages", "server", "dist"), { recursive: true, force: true });
  await bundle({ dev: false });
  return external;
};

/** What the published package says of itself. `external`: the dependencies that are not in its bundle, if it is one. */
const published = (manifest, external) => {
  const { devDependencies: _, scripts: __, publishConfig, dependencies = {}, ...rest } = manifest;
  const kept = Object.entries(dependencies).filter(([name]) => external?.includes(name) ?? true);
  return { ...rest, ...publishConfig, dependencies: Object.fromEntries(kept) };
};

const packageIn = (folder) => {
  const name = path.basename(folder);
  const [manifest, kept] = ["package.json", ".package.json.kept"].map((file) => path.join(folder, file));
  const borrowed = name === "server" ? ["README.md", "LICENSE"] : ["LICENSE"];

  /** Also at the beginning: a pack that was killed could not put back what it had changed. */
  const putBack = () => {
    if (existsSync(kept)) renameSync(kept, manifest);
    for (const file of borrowed) rmSync(path.join(folder, file), { force: true });
  };
  const build = async () => {
    putBack();
    const external = name === "server" ? await buildServer() : buildLibrary(name);
    copyFileSync(manifest, kept);
    for (const file of borrowed) copyFileSync(at(file), path.join(folder, file));
    const text = JSON.stringify(published(JSON.parse(readFileSync(kept, "utf8")), external), null, 2);
    writeFileSync(manifest, `${text}\n`);
  };
  return { build, putBack };
};

const packAll = () => {
  for (const name of packages) {
    const args = ["pack", "--silent", "--pack-destination", process.cwd()];
    const options = { cwd: at("packages", name), stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" };
    const shell = process.platform === "win32";
    process.stdout.write(execFileSync("npm", args, { ...options, shell }));
  }
};

const [step] = process.argv.slice(2);
// A fresh clone has no dependencies, and `npm start` installs none for development.
if (step !== "after") installDependencies(true);
if (step === undefined) packAll();
else if (step === "before") await packageIn(process.cwd()).build();
else packageIn(process.cwd()).putBack();
