// Installs the versions of Node that the tests start the packed server with, from packages of npm that carry the program, into a
// cache folder of the user. `npm test` does it where CI is set; by hand it is `node scripts/test-nodes.mjs`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest supported version, and each line of long-term support since then. */
export const testedNodes = ["20.19", "22", "24", "26"];

/** Where they are, one folder for each. */
export const nodesFolder = process.env.HITAGI_TEST_NODES || path.join(homedir(), ".cache", "hitagi", "node");

export const installTestNodes = () => {
  const name = `node-${process.platform}-${process.arch}`;
  for (const version of testedNodes) {
    const folder = path.join(nodesFolder, version);
    if (existsSync(path.join(folder, "node_modules", name))) continue;
    console.error(`Installing Node ${version} for the tests…`);
    mkdirSync(folder, { recursive: true });
    const args = [
      "install",
      "--prefix",
      folder,
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `${name}@${version}`,
    ];
    const { status } = spawnSync("npm", args, { stdio: "ignore", shell: process.platform === "win32" });
    if (status !== 0)
      console.error(`hint: Node ${version} could not be installed; it is left out of the tests.`);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) installTestNodes();
