import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { openPackageRegistry } from "./package-registry.ts";

const run = promisify(execFile);
export const root = path.resolve(import.meta.dirname, "..");

/**
 * Copies the files of this checkout as they are now, changed ones included.
 * @param folder where the copy is made
 * @param withDependencies false for one without node_modules, as a fresh clone is
 * @returns its folder
 */
export const copyOfCheckout = async (folder: string, withDependencies = true): Promise<string> => {
  const copy = path.join(folder, "checkout");
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    maxBuffer: 1e8,
  });
  for (const file of stdout.split("\0").filter((name) => name !== "" && existsSync(path.join(root, name)))) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
    await writeFile(path.join(copy, file), await readFile(path.join(root, file)));
  }
  if (withDependencies)
    await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"), "junction");
  return copy;
};

/**
 * Packs a package of a checkout.
 * @param options the npm program with its first arguments, and further variables of its environment
 * @returns the tarball's path, and the files in it
 */
export const pack = async (
  checkout: string,
  name: "contract" | "sdk" | "server",
  { npm = ["npm"], env = {} }: { npm?: string[]; env?: Record<string, string> } = {},
): Promise<{ tarball: string; size: number; files: string[] }> => {
  const [program = "npm", ...first] = npm;
  const { stdout } = await run(program, [...first, "pack", "--json", "--pack-destination", checkout], {
    cwd: path.join(checkout, "packages", name),
    env: { ...process.env, ...env },
  });
  const [{ filename, size, files }] = JSON.parse(stdout.slice(stdout.indexOf("[")));
  const tarball = path.join(checkout, filename.replace(/^@(.*)\//, "$1-"));
  return { tarball, size, files: files.map((file: { path: string }) => file.path) };
};

/** Installs packages into a folder with npm, from what is installed in this checkout. */
export const install = async (folder: string, packages: string[], ...options: string[]): Promise<void> => {
  const registry = await openPackageRegistry(root);
  const env = {
    ...process.env,
    npm_config_registry: registry.address,
    npm_config_userconfig: path.join(folder, ".npmrc"),
    npm_config_cache: path.join(folder, ".npm"),
  };
  await mkdir(folder, { recursive: true });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...quiet, ...options, ...packages], { cwd: folder, env }).finally(
    registry.close,
  );
};
