import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { nodesFolder, testedNodes } from "../scripts/test-nodes.mjs";

/** The Node programs of the supported versions that this machine has, by version line, such as `20.19` or `22`. */
export const nodePrograms = (): Map<string, string> => {
  const folders = existsSync(nodesFolder) ? readdirSync(nodesFolder) : [];
  const programs = [
    process.execPath,
    ...folders.flatMap((name) => {
      const modules = path.join(nodesFolder, name, "node_modules");
      const packages = existsSync(modules)
        ? readdirSync(modules).filter((found) => found.startsWith("node-"))
        : [];
      return packages.map((found) => path.join(modules, found, "bin", "node"));
    }),
  ].filter((program) => existsSync(program));
  const found = new Map<string, string>();
  for (const program of programs) {
    const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim().slice(1);
    const line = testedNodes.find((tested) => version.startsWith(`${tested}.`));
    if (line !== undefined) found.set(line, program);
  }
  return found;
};
