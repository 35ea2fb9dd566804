import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { testCounts } from "../scripts/test-counts.mjs";
import { root } from "./copy-of-checkout.ts";

const run = promisify(execFile);

test("a file that fails before its tests begin counts as a failed test", async () => {
  const folder = await tempFolder();
  const tests = `import { test } from "vitest"; test("a", () => {}); test.todo("b");`;
  await writeFile(path.join(folder, "good.test.mjs"), tests);
  await writeFile(path.join(folder, "broken.test.mjs"), `throw new Error("broken");`);
  const report = path.join(folder, "report.json");
  const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--root", folder, "--config", "none", "--reporter=json", `--outputFile=${report}`];
  await writeFile(path.join(folder, "none"), "");
  await run(process.execPath, [vitest, ...args], { cwd: root }).catch(() => {});
  expect(testCounts(JSON.parse(await readFile(report, "utf8")))).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
  });
});
