import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { filesIn, serveStocked } from "../backup/backup-world.ts";
import { type Added, withAdded } from "../backup/tarball.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A backup with added entries, and commands where no server runs. */
const backupWith = async (added: readonly Added[]) => {
  const { run, folder, server } = await serveStocked();
  expect((await run("backup", "x.tar.gz")).code).toBe(0);
  await server.stop();
  const file = path.join(folder, "x.tar.gz");
  await writeFile(file, withAdded(await readFile(file), added));
  const data = path.join(await tempFolder(), "data");
  const offline = (...argv: string[]) => runCaptured(argv, { cwd: folder, env: { HITAGI_DATA: data } });
  return { data, offline };
};

const config = "[core]\n\talternateRefsCommand = touch /tmp/ran\n";
const foreign: Added[] = [
  { path: "data/git/repositories/0123456789abcdef/config", text: config },
  { path: "data/git/repositories/0123456789abcdef/hooks/post-checkout", text: "#!/bin/sh\n", mode: 0o755 },
  { path: "data/git/config", text: config },
  { path: "data/Git/known_hosts", text: "other spelling" },
  { path: "data/API-KEY", text: "other spelling" },
  { path: "data/api-key/nested", text: "a folder" },
  { path: "data/journal/one.json", text: "{}" },
  { path: "data/library-cache/files/a.zip", text: "cached" },
  { path: "data/perl/harness.pl", text: "system('id')" },
  { path: `data/artifacts/${"0".repeat(63)}G`, text: "no hash" },
  { path: `data/artifacts/${"0".repeat(64)}/nested`, text: "nested" },
  { path: "store/hitagi.db-journal", text: "a hot journal" },
  { path: "store/hitagi.dbx", text: "beside the store" },
  { path: "store/hitagi.db-catalog/up/1.json", text: "nested" },
  { path: "plugins/authorized_keys", text: "ssh-rsa" },
  { path: "plugins/Managed/Scripts/deep/x.ts", text: "nested" },
  { path: "plugins/managed/Scripts/x.ts", text: "other spelling" },
];

test("files that Hitagi does not put into a backup are named and not restored", async () => {
  const { data, offline } = await backupWith(foreign);
  const names = foreign.map(({ path }) => path);
  const checked = await offline("backup", "--check", "x.tar.gz");
  for (const name of names) expect(checked.out).toContain(name);
  expect((await offline("backup", "--check", "x.tar.gz", "--json")).json.foreign.sort()).toEqual(
    names.sort(),
  );

  const restored = await offline("restore", "x.tar.gz", "--json");
  expect(restored.code, restored.err).toBe(0);
  expect(restored.json.foreign.sort()).toEqual(names.sort());
  expect((await readdir(data)).filter((name) => !name.startsWith(".")).sort()).toEqual([
    "api-key",
    "artifacts",
    "hitagi.db",
    "hitagi.db-catalog",
    "hitagi.db.lock",
    "library",
    "plugins",
  ]);
  expect(Object.keys(await filesIn(path.join(data, "plugins")))).toEqual(["Managed/Scripts/one.ts"]);
});

test.each<[string, Added]>([
  ["a link", { path: "data/api-key", type: "SymbolicLink", linkpath: "/etc/shadow" }],
  ["a hard link", { path: "data/artifacts", type: "Link", linkpath: "/etc/shadow" }],
  ["a device", { path: "data/api-key", type: "CharacterDevice" }],
  ["a pipe", { path: "data/api-key", type: "FIFO" }],
  ["a folder", { path: "data/git/", type: "Directory" }],
  ["a name with ..", { path: "data/../../evil", text: "x" }],
  ["a name with .. in a part that is open", { path: "library/../data/git/config", text: config }],
  ["an absolute name", { path: "/etc/evil", text: "x" }],
  ["a hidden name", { path: "data/.ssh/authorized_keys", text: "ssh-rsa" }],
  ["a second file of one name", { path: "data/api-key", text: "the attacker's key" }],
])("a backup with %s is refused as a whole", async (_, added) => {
  const { data, offline } = await backupWith([added]);
  const refused = await offline("restore", "x.tar.gz");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("This backup cannot be used");
  expect(Object.keys(await filesIn(data))).toEqual([]);
});

test("the modes in a backup are not taken over", async () => {
  const artifact = { path: `data/artifacts/${"0".repeat(64)}`, text: "x", mode: 0o6777 };
  const { data, offline } = await backupWith([artifact]);
  expect((await offline("restore", "x.tar.gz")).code).toBe(0);
  for (const name of ["api-key", `artifacts/${"0".repeat(64)}`, "hitagi.db"]) {
    expect((await stat(path.join(data, name))).mode & 0o7777, name).toBe(0o600);
  }
  expect((await stat(path.join(data, "artifacts"))).mode & 0o777).toBe(0o700);
});
