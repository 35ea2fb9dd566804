import { mkdir, open, rm, stat } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { serve, serveStocked } from "../backup/backup-world.ts";

const HUGE = 3 * 1024 ** 3;

/** A file with a hole, which takes no space of the disk. */
const makeHuge = async (file: string): Promise<void> => {
  const handle = await open(file, "w");
  await handle.truncate(HUGE);
  await handle.close();
};

test("plugin files that become huge keep neither the server from starting nor are they read", async () => {
  const { folder, data, server, run } = await serveStocked();
  expect((await run("backup", "before.tar.gz")).code).toBe(0);
  await server.stop();
  const installed = path.join(data, "plugins/Managed/Scripts/one.ts");
  const own = path.join(data, "plugins/Sideloaded/own.ts");
  await mkdir(path.dirname(own), { recursive: true });
  await makeHuge(installed);
  await makeHuge(own);

  const again = await serve(folder, data);
  expect((await again.run("list")).out).toMatch(/^one\b.*(?:broken|quarantined)/m);
  expect((await again.run("verify")).out).toMatch(/^one +changed /m);
  expect((await again.run("doctor")).out).toContain("one");
  // It is the owner's own change, which stays until the owner decides.
  expect((await stat(installed)).size).toBe(HUGE);
  const backup = await again.run("backup", "after.tar.gz");
  expect(backup.code, backup.err).toBe(0);
  const refused = await again.run("install", "one", "--yes");
  expect(refused.err).toContain("larger than a plugin");
  await rm(installed);
  expect((await again.run("install", "one", "--yes")).code).toBe(0);
  expect((await again.run("run", "one")).out).toContain("ran");
});
