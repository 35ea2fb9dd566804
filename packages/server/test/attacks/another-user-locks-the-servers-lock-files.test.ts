import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { startChild } from "../../src/async/child-process.ts";
import { readConfig } from "../../src/config/config.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { OTHER_USER } from "../support/without-root.ts";

const serve = async (folder: string) => {
  const at = (name: string) => path.join(folder, name);
  const settings = { data: at("data"), library: at("library"), plugins: at("plugins"), port: "0", warm: "0" };
  const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  return server;
};

const LOCKS = ["data/.hitagi.lock", "data/hitagi.db.lock", "library/.hitagi.lock", "plugins/.hitagi.lock"];

/** Opens files for reading as another user, and holds a read lock on each that it may open. Answers their number. */
const lockAsOtherUser = async (folder: string, files: readonly string[]): Promise<number> => {
  const script = `use Fcntl qw(:DEFAULT :flock F_SETLK F_RDLCK); $| = 1; my @held;
    for (@ARGV) { open(my $f, "<", $_) or next; push @held, $f;
      flock($f, LOCK_SH | LOCK_NB); fcntl($f, F_SETLK, pack("s s x4 q q i x4", F_RDLCK, 0, 0, 0, 0)); }
    print scalar(@held), "\\n"; sleep 60;`;
  const child = startChild("perl", ["-e", script, ...files.map((name) => path.join(folder, name))], {
    uid: OTHER_USER,
    gid: OTHER_USER,
    cwd: "/",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return Number(line.toString());
};

test.skipIf(process.getuid?.() !== 0)(
  "another user cannot open a lock file, also one of an earlier version, and the server starts",
  async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o755);
    // The owner lets others read these folders. An earlier version made the lock files with mode 0644.
    for (const name of ["data", "library", "plugins"]) {
      await mkdir(path.join(folder, name), { mode: 0o755 });
      await writeFile(path.join(folder, name, ".hitagi.lock"), "", { mode: 0o644 });
    }
    const server = await serve(folder);
    // SQLite takes locks in the file -shm; it and the file -wal are there while the server runs.
    const files = [...LOCKS, "data/hitagi.db", "data/hitagi.db-wal", "data/hitagi.db-shm"];
    for (const name of files) {
      expect((await stat(path.join(folder, name))).mode & 0o777, name).toBe(0o600);
    }
    expect(await lockAsOtherUser(folder, files)).toBe(0);
    await server.stop();
    await (await serve(folder)).stop();
  },
);

test("the servers of a group share the lock file of a folder that the group writes to", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "library"));
  await chmod(path.join(folder, "library"), 0o775);
  await (await serve(folder)).stop();
  expect((await stat(path.join(folder, "library/.hitagi.lock"))).mode & 0o777).toBe(0o660);
});

test("a link in place of a lock file, or of the file beside it, is not followed", async () => {
  const folder = await tempFolder();
  const victim = path.join(folder, "victim");
  await writeFile(victim, "kept", { mode: 0o644 });
  await mkdir(path.join(folder, "library"));
  await symlink(victim, path.join(folder, "library/.hitagi.lock.pid"));
  await (await serve(folder)).stop();
  const other = await tempFolder();
  await mkdir(path.join(other, "library"));
  await symlink(victim, path.join(other, "library/.hitagi.lock"));
  // The library is used without a lock, as one that is read-only.
  await (await serve(other)).stop();
  expect(await readFile(victim, "utf8")).toBe("kept");
  expect((await stat(victim)).mode & 0o777).toBe(0o644);
});

test("a pipe in place of the file beside a lock does not hold up a second server", async () => {
  const folder = await tempFolder();
  await serve(folder);
  const pid = path.join(folder, "data/.hitagi.lock.pid");
  await promisify(execFile)("rm", [pid]);
  await promisify(execFile)("mkfifo", [pid]);
  await expect(serve(folder)).rejects.toMatchObject({ code: "DATA_IN_USE", params: { pid: "unknown" } });
});
