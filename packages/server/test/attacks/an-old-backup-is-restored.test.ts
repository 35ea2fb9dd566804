import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { type Kept, serve } from "../backup/backup-world.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ran = async (kept: Pick<Kept, "run">, ...argv: string[]) => {
  const result = await kept.run(...argv);
  expect(result.code, `${argv.join(" ")}: ${result.err}`).toBe(0);
  return result;
};

/** The accepted head of the only registry. */
const acceptedBy = async (kept: Kept) => (await ran(kept, "registry", "list", "--json")).json[0].trust;

/** A server with a signed registry, which had head 1 when it was backed up, and head 2 when it was stopped. */
const backedUp = async () => {
  const folder = await tempFolder();
  const [mine, old] = [path.join(folder, "mine"), path.join(folder, "old")];
  await mkdir(mine);
  const kept = await serve(folder);
  await ran(
    kept,
    "registry",
    "keygen",
    "--origin",
    "example.org/mine",
    "--out",
    "a.key",
    "--recovery-out",
    "paper",
  );
  const publish = async (...versions: string[]) => {
    await writeRegistry(mine, [offered("echo", versions)]);
    await ran(kept, "registry", "sign", "mine", "--key", "a.key");
  };
  await publish("1.0.0");
  await cp(mine, old, { recursive: true });
  await ran(kept, "registry", "add", "./mine");
  await ran(kept, "backup", "old.tar.gz");
  await publish("1.0.0", "1.1.0");
  await ran(kept, "registry", "refresh", "mine");
  await kept.server.stop();
  /** Runs a command on the folders of the server, which is stopped. */
  const onStopped = (...argv: string[]) =>
    ran({ run: (...args) => runCaptured(args, { cwd: folder, env: { HITAGI_DATA: kept.data } }) }, ...argv);
  return { folder, mine, old, onStopped };
};

test("the accepted head stays, and a registry that then shows the head of the backup is refused before an install", async () => {
  const { folder, mine, old, onStopped } = await backedUp();
  await onStopped("restore", "old.tar.gz", "--force");
  await rm(mine, { recursive: true });
  await cp(old, mine, { recursive: true });
  const restored = await serve(folder);
  expect(await acceptedBy(restored)).toMatchObject({ state: "signed", epoch: 1, sequence: 2 });
  const refused = await restored.run("install", "echo", "--yes");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("shows an earlier head than the accepted one"),
  ]);
});

test("an honest registry is refreshed before the first install, and an undone restore keeps the newer head", async () => {
  const { folder, onStopped } = await backedUp();
  await onStopped("restore", "old.tar.gz", "--force");
  const restored = await serve(folder);
  const { json } = await ran(restored, "install", "echo", "--yes", "--json");
  expect(json.version).toBe("1.1.0");
  await restored.server.stop();
  await onStopped("restore", "--undo");
  expect(await acceptedBy(await serve(folder))).toMatchObject({ sequence: 2 });
});
