import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { serve, serveStocked } from "../backup/backup-world.ts";

test.each<[string, (file: string, secret: string) => unknown]>([
  ["a pipe", (file) => execFileSync("mkfifo", [file])],
  ["a link", (file, secret) => symlink(secret, file)],
])("plugin files that become %s neither hold up nor lead the server", async (_, make) => {
  const { folder, data, server, run } = await serveStocked();
  expect((await run("backup", "before.tar.gz")).code).toBe(0);
  await server.stop();
  const secret = path.join(folder, "secret.ts");
  await writeFile(secret, "the server must not read this");
  const installed = path.join(data, "plugins/Managed/Scripts/one.ts");
  await rm(installed);
  await mkdir(path.join(data, "plugins/Sideloaded"), { recursive: true });
  for (const file of [installed, path.join(data, "plugins/Sideloaded/own.ts")]) await make(file, secret);

  const again = await serve(folder, data);
  // The installed file is put back from the artifacts. The other one does not run.
  expect((await again.run("run", "one")).out).toContain("ran");
  expect((await again.run("verify")).out).toMatch(/^one +ok /m);
  expect((await again.run("list")).out).not.toMatch(/^own\b/m);
  const backup = await again.run("backup", "after.tar.gz");
  expect(backup.code, backup.err).toBe(0);
  await again.server.stop();
  expect(await readFile(secret, "utf8")).toBe("the server must not read this");
});
