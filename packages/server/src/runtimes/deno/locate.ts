import { createRequire } from "node:module";
import path from "node:path";
import { findBuilt } from "../../disk/find-program.ts";

/** The packages that carry Deno's binary, by platform and processor. On Linux they need glibc. */
const packages: Record<string, string> = {
  "linux-x64": "@deno/linux-x64-glibc",
  "linux-arm64": "@deno/linux-arm64-glibc",
  "darwin-x64": "@deno/darwin-x64",
  "darwin-arm64": "@deno/darwin-arm64",
  "win32-x64": "@deno/win32-x64",
  "win32-arm64": "@deno/win32-arm64",
};

/**
 * The path of Deno's binary in the package for this platform. It does not need the install script of the `deno`
 * package, which copies the binary.
 * @throws Error if there is none for this platform, or it is not installed
 */
export const denoBinary = (): string => {
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) throw new Error(`Deno has no build for ${process.platform} on ${process.arch}`);
  const fromDeno = createRequire(createRequire(import.meta.url).resolve("deno/package.json"));
  const folder = path.dirname(fromDeno.resolve(`${name}/package.json`));
  return path.join(folder, process.platform === "win32" ? "deno.exe" : "deno");
};

/** The built harness. @throws Error if not built */
export const harnessFile = (): string => findBuilt("harness.js", "the sandbox's harness.js is not built");
