import { execFileSync } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeWorkFolder } from "../../../src/runtimes/processes/work-folder.ts";
import { tempFolder } from "../../support/temp-folder.ts";

test("folders of processes that have exited are removed, others stay", async () => {
  const parent = await tempFolder();
  const gone = execFileSync(process.execPath, ["-p", "process.pid"]).toString().trim();
  const kept = [`hitagi-sandbox-${process.ppid}-abc`, "hitagi-sandbox-old", "other"];
  for (const name of [`hitagi-sandbox-${gone}-abc`, ...kept]) await mkdir(path.join(parent, name));
  const own = await makeWorkFolder(parent);
  expect((await readdir(parent)).sort()).toEqual([...kept, path.basename(own)].sort());
  expect(path.basename(own)).toContain(`-${process.pid}-`);
});
