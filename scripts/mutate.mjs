// `npm run mutate`: changes the code that stryker.config.mjs names in small ways, and tells which changes no test notices.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { prepare, root } from "./prepare.mjs";

await prepare({ dev: true });
const stryker = path.join(root, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
const { status } = spawnSync(process.execPath, [stryker, "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
