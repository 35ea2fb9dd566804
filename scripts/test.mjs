// `npm test`: prepares what is missing, runs every test, and ends with `N passed, N failed, N skipped`.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ownFolder } from "./own-folder.mjs";
import { prepare, root } from "./prepare.mjs";
import { testCounts } from "./test-counts.mjs";
import { installTestNodes } from "./test-nodes.mjs";
import { installTestPrograms } from "./test-programs.mjs";

await prepare({ dev: true });
installTestPrograms();
if (process.env.CI) installTestNodes();

const folder = ownFolder("hitagi-report-");
const report = path.join(folder, "report.json");
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
const child = spawn(
  process.execPath,
  [
    vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
process.on("exit", () => child.kill());
const code = await new Promise((resolve) => child.on("exit", (exit) => resolve(exit ?? 1)));

const read = () => {
  try {
    return testCounts(JSON.parse(readFileSync(report, "utf8")));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
};
const { passed, failed, skipped } = read();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
// With --changed it is no failure that no test is concerned.
const ranTooFew = passed === 0 && !process.argv.includes("--changed");
process.exitCode = code !== 0 || failed > 0 || ranTooFew ? 1 : 0;
