// Lints the OpenAPI document that the built server answers. Run after a build: `npm run check` does both.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ownFolder } from "./own-folder.mjs";
import { root } from "./prepare.mjs";

const file = path.join(ownFolder("hitagi-openapi-"), "openapi.json");
const program = path.join(root, "packages", "server", "dist", "openapi.js");
writeFileSync(file, execFileSync(process.execPath, [program]));
const redocly = path.join(root, "node_modules", "@redocly", "cli", "bin", "cli.js");
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [redocly, "lint", file, "--config", path.join(root, "redocly.yaml"), "--max-problems", "50"],
  // It would ask the package registry for a newer version of itself.
  {
    encoding: "utf8",
    env: { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", REDOCLY_TELEMETRY: "off" },
  },
);
const warned = /You have \d+ warning/.test(stdout + stderr);
if (status !== 0 || warned) {
  console.error(`${stdout}${stderr}`);
  process.exit(1);
}
console.log("The OpenAPI document has no problem.");
