import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { settingsTable } from "../packages/server/src/config/config.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";

const run = promisify(execFile);
const deploy = path.resolve(import.meta.dirname, "../deploy");
const read = (name: string) => readFile(path.join(deploy, name), "utf8");
const has = (program: string) =>
  ["/bin", "/usr/bin", "/usr/sbin"].some((folder) => existsSync(path.join(folder, program)));

test.skipIf(!has("systemd-analyze"))("the systemd unit is valid", async () => {
  const unit = path.join(await tempFolder(), "hitagi.service");
  // The programs that the unit names must exist.
  await writeFile(
    unit,
    (await read("hitagi.service")).replace(/^ExecStart=\S+ \S+/m, `ExecStart=${process.execPath} ${unit}`),
  );
  const { stderr } = await run("systemd-analyze", ["verify", "--man=no", unit]);
  expect(stderr).not.toContain(unit);
});

test("the image runs as an unprivileged user on its volume with a health check, and the deploy files name only known settings", async () => {
  const dockerfile = await read("Dockerfile");
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^VOLUME \/data$/m);
  for (const [, form = ""] of dockerfile.matchAll(/^(?:HEALTHCHECK .*?CMD|ENTRYPOINT|CMD) (\[.+)$/gm))
    JSON.parse(form);
  const known = Object.values(settingsTable).map(({ env }) => env);
  for (const file of ["Dockerfile", "compose.yaml", "hitagi.service", "nginx-several.conf", "Caddyfile"]) {
    const named = [...(await read(file)).matchAll(/\bHITAGI_[A-Z_]+/g)].map(([name]) => name);
    expect(known, file).toEqual(expect.arrayContaining(named));
  }
});

test.skipIf(!has("nginx") || !has("openssl"))("nginx accepts the balancer's file", async () => {
  const folder = await tempFolder();
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "certificate.pem")];
  const made = [
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    certificate,
    "-subj",
    "/CN=x",
  ];
  await run("openssl", ["req", ...made]);
  const site = (await read("nginx-several.conf"))
    .replace("/etc/ssl/hitagi.pem", certificate)
    .replace("/etc/ssl/hitagi.key", key);
  await writeFile(path.join(folder, "site.conf"), site);
  const config = path.join(folder, "nginx.conf");
  const http = `access_log off; include ${folder}/site.conf;`;
  await writeFile(config, `pid ${folder}/pid; error_log ${folder}/log; events {} http { ${http} }`);
  const { stderr } = await run("nginx", ["-t", "-e", path.join(folder, "log"), "-c", config]);
  expect(stderr).toContain("test is successful");
});

test.skipIf(!has("caddy"))("Caddy accepts the balancer's file", async () => {
  const folder = await tempFolder();
  const config = path.join(deploy, "Caddyfile");
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  // Adapt only reads the file; validate would connect to the servers.
  const { stdout } = await run("caddy", ["adapt", "--adapter", "caddyfile", "--config", config], { env });
  expect(JSON.stringify(JSON.parse(stdout))).toContain('"policy":"least_conn"');
});
