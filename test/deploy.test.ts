import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { settingsTable } from "../packages/server/src/config.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";

const run = promisify(execFile);
const deploy = path.resolve(import.meta.dirname, "../deploy");
const read = (name: string) => readFile(path.join(deploy, name), "utf8");
const has = (program: string) =>
  ["/bin", "/usr/bin"].some((folder) => existsSync(path.join(folder, program)));

test.skipIf(!has("systemd-analyze"))("the systemd unit is valid", async () => {
  const unit = path.join(await tempFolder(), "hitagi.service");
  // The programs that it names must be there.
  await writeFile(
    unit,
    (await read("hitagi.service")).replace(/^ExecStart=\S+ \S+/m, `ExecStart=${process.execPath} ${unit}`),
  );
  const { stderr } = await run("systemd-analyze", ["verify", "--man=no", unit]);
  expect(stderr).not.toContain(unit);
});

test("the image runs as nobody special, on its volume, with a health check, and is given no setting that there is not", async () => {
  const dockerfile = await read("Dockerfile");
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^VOLUME \/data$/m);
  for (const [, form = ""] of dockerfile.matchAll(/^(?:HEALTHCHECK .*?CMD|ENTRYPOINT|CMD) (\[.+)$/gm))
    JSON.parse(form);
  const known = Object.values(settingsTable).map(({ env }) => env);
  for (const file of ["Dockerfile", "compose.yaml", "hitagi.service"]) {
    const named = [...(await read(file)).matchAll(/\bHITAGI_[A-Z_]+/g)].map(([name]) => name);
    expect(known, file).toEqual(expect.arrayContaining(named));
  }
});
