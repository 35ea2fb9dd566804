import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { serverFolders } from "../../src/backup/server-folders.ts";
import { finishSwap } from "../../src/backup/swap.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { startBundled } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { filesIn, serve, serveStocked } from "./backup-world.ts";
import { manifest, tarOf } from "./tarball.ts";

/** A stopped server's folder, a backup of it, and what it became afterwards. */
const stopped = async () => {
  const kept = await serveStocked();
  const made = await kept.run("backup", "x.tar.gz", "--library");
  expect(made.code, made.err).toBe(0);
  const before = await kept.run("list", "one", "--json");
  await kept.run("install", "one", "--version", "1.6.0");
  await kept.run("install", "two");
  await kept.server.stop();
  const run = (...argv: string[]) => offline(kept.folder, kept.data, ...argv);
  return { ...kept, file: path.join(kept.folder, "x.tar.gz"), version: before.json.version, offline: run };
};

/** A command on a data folder, while no server is there. */
const offline = (folder: string, data: string, ...argv: string[]) =>
  runCaptured(argv, { cwd: folder, env: { HITAGI_DATA: data } });

const versionOf = async (folder: string, data: string): Promise<string> => {
  const kept = await serve(folder, data);
  const { json } = await kept.run("list", "one", "--json");
  expect((await kept.run("verify")).code).toBe(0);
  await kept.server.stop();
  return json.version;
};

describe("over a server's data", () => {
  it("is refused without --force and while a server runs; with --force it can be undone", async () => {
    const { folder, data, file, version, offline } = await stopped();
    const old = await filesIn(data);
    const refused = await offline("restore", file);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/already contains[\s\S]*--force/)]);
    const running = await serve(folder, data);
    const busy = await running.run("restore", file, "--force");
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining("already uses this data folder")]);
    await running.server.stop();
    expect(await filesIn(data)).toMatchObject({ "api-key": old["api-key"] });

    const restored = await offline("restore", file, "--force");
    expect(restored.code, restored.err).toBe(0);
    expect(restored.out).toMatch(
      /^Restored \d+ files, .+\nThe previous data is set aside as \S+: `hitagi restore --undo`/,
    );
    expect(await versionOf(folder, data)).toBe(version);

    const undone = await offline("restore", "--undo", "--json");
    expect(undone.code, undone.err).toBe(0);
    expect(await versionOf(folder, data)).toBe("1.6.0");
    expect((await offline("restore", "--undo")).code).toBe(0);
    expect(await versionOf(folder, data)).toBe(version);

    expect((await offline("restore", "--discard", "--yes", "--json")).json.discarded).toHaveLength(1);
    const nothing = await offline("restore", "--undo");
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining("no restore to undo")]);
  });

  it("is in the history, and so is its undo", async () => {
    const { folder, data, file, offline } = await stopped();
    expect((await offline("restore", file, "--force")).code).toBe(0);
    const actions = async () => {
      const kept = await serve(folder, data);
      const { json } = await kept.run("history", "--json");
      const shown = await kept.run("history");
      await kept.server.stop();
      const found = json.items.filter(({ action }: { action: string }) => action.includes("restore"));
      return { found, shown: shown.out };
    };
    const restored = await actions();
    const name = expect.stringMatching(/^20\d\d-/);
    expect(restored.found).toMatchObject([
      { action: "restore_backup", actor: { kind: "cli" }, outcome: "ok", details: { name } },
    ]);
    expect(restored.shown).toMatch(/restore_backup +20\d\d-/);
    expect((await offline("restore", "--undo")).code).toBe(0);
    expect((await actions()).found.map(({ action }: { action: string }) => action)).toEqual([
      "revert_restore",
    ]);
  });

  it("over a damaged database says before that no undo puts it back, and the undo says the same", async () => {
    const { folder, data, file, version, offline } = await stopped();
    const database = path.join(data, "hitagi.db");
    for (const size of [100, 20_000]) {
      // A file that is no database, and one whose first page is whole.
      const whole = await readFile(database);
      await writeFile(database, size === 100 ? Buffer.alloc(100) : whole.subarray(0, size));
      const restored = await offline("restore", file, "--force");
      expect(restored.code, restored.err).toBe(0);
      expect(restored.err).toContain("will not be able to put it back");
      expect(restored.out).toContain("its database is damaged, so no undo puts it back");
      expect(restored.out).not.toContain("`hitagi restore --undo` puts it back");
      const undone = await offline("restore", "--undo");
      expect([undone.code, undone.err]).toEqual([
        1,
        expect.stringMatching(
          /cannot be put back, because its database is damaged: .+\nhint: Its files are in /,
        ),
      ]);
      expect(await versionOf(folder, data)).toBe(version);
    }
  });

  it("is undone over a damaged database, which no undo puts back, as it says", async () => {
    const { folder, data, file, offline } = await stopped();
    expect((await offline("restore", file, "--force")).code).toBe(0);
    await writeFile(path.join(data, "hitagi.db"), Buffer.alloc(100));
    const undone = await offline("restore", "--undo");
    expect(undone.code, undone.err).toBe(0);
    expect(undone.err).toContain("will not be able to put it back");
    expect(undone.out).toContain("its database is damaged, so no undo puts it back");
    expect(undone.out).not.toContain("`hitagi restore --undo` puts it back");
    expect(undone.out).toContain("the accepted heads of signed registries are those of the restored one");
    expect(await versionOf(folder, data)).toBe("1.6.0");
  });

  it("can be undone with the library in another folder, unless that mixes two libraries", async () => {
    const { folder, data, file } = await stopped();
    const library = path.join(data, "library");
    await writeFile(path.join(library, "old.cbz"), "old");
    const elsewhere = ["--library", path.join(folder, "comics")];
    const restored = await offline(folder, data, "restore", file, "--force", ...elsewhere);
    expect(restored.code, restored.err).toBe(0);
    expect(await readdir(data)).not.toContain("library");

    await mkdir(library);
    await writeFile(path.join(library, "new.cbz"), "new");
    const before = await filesIn(data);
    const mixed = await offline(folder, data, "restore", "--undo");
    expect([mixed.code, mixed.err]).toEqual([1, expect.stringMatching(/folder library[\s\S]*--library/)]);
    expect(await filesIn(data)).toEqual(before);

    await rm(path.join(library, "new.cbz"));
    const undone = await offline(folder, data, "restore", "--undo");
    expect(undone.code, undone.err).toBe(0);
    expect(await readFile(path.join(library, "old.cbz"), "utf8")).toBe("old");
    expect(await versionOf(folder, data)).toBe("1.6.0");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "gives all of it to the owner of the folder where root restores, so that its server starts",
    async () => {
      const { folder, file } = await stopped();
      const data = path.join(folder, "owned");
      await chmod(folder, 0o755);
      await mkdir(data);
      await chown(data, 12_345, 12_345);
      const restored = await runCaptured(["restore", file, "--data", data], { cwd: folder });
      expect(restored.code, restored.err).toBe(0);
      for (const name of await readdir(data, { recursive: true }))
        expect(await stat(path.join(data, name)), name).toMatchObject({ uid: 12_345, gid: 12_345 });
      expect(process.geteuid?.()).toBe(0);
    },
  );

  it("reports that the API key has changed back", async () => {
    const { data, file, offline } = await stopped();
    const same = await offline("restore", file, "--force", "--json");
    expect(same.json.otherKey).toBe(false);
    const key = await readFile(path.join(data, "api-key"), "utf8");
    await writeFile(path.join(data, "api-key"), "changed-since");
    const { out } = await offline("restore", file, "--force");
    expect(out).toContain("change it again: `hitagi key rotate`");
    expect(await readFile(path.join(data, "api-key"), "utf8")).toBe(key);
  });

  it("restores plugins, archives and a store in their own folders", async () => {
    const { folder, file, version } = await stopped();
    const at = (name: string) => path.join(folder, "elsewhere", name);
    const flags = [
      "--plugins",
      at("plugins"),
      "--library",
      at("library"),
      "--store",
      `sqlite:${at("db/other.db")}`,
    ];
    const restored = await runCaptured(["restore", file, "--data", at("data"), ...flags], { cwd: folder });
    expect(restored.code, restored.err).toBe(0);
    expect(await readdir(at("db"))).toEqual(expect.arrayContaining(["other.db", "other.db-catalog"]));
    expect(await readdir(path.join(at("plugins"), "Managed", "Scripts"))).toEqual(["one.ts"]);
    expect(await readdir(at("data"))).not.toContain("plugins");
    expect(version).toBe("1.0.0");
  });
});

describe("killed at each step", () => {
  it("keeps the old data before the journal is written, and has the new data afterwards", async () => {
    const { folder, data, file, version } = await stopped();
    const child = await bundleServer(path.join(import.meta.dirname, "restore-child.ts"));
    const seen: string[] = [];
    for (let step = 0; ; step++) {
      const script = startBundled(child, [data, file, String(step)]);
      if ((await script.line()) === "ended") break;
      await script.kill();
      // Only every sixth, because each start of a server takes a second.
      if (step > 2 && step % 6 > 0) continue;
      seen.push(await versionOf(folder, data));
      if (step > 0) await runCaptured(["restore", "--undo"], { env: { HITAGI_DATA: data } });
    }
    expect(seen[0]).toBe("1.6.0");
    expect(new Set(seen.slice(1))).toEqual(new Set([version]));
    expect(seen.length).toBeGreaterThan(3);
  });
});

describe("with a journal that cannot be read", () => {
  const cases: [string, (file: string) => Promise<unknown>][] = [
    ["because the disk fails", (file) => mkdir(file)],
    ["because it is damaged", (file) => writeFile(file, '{"id":')],
    ["because another version wrote it", (file) => writeFile(file, '{"format":2}')],
  ];
  it.each(cases)("%s keeps the new files", async (_, write) => {
    const data = await tempFolder();
    const work = path.join(data, ".hitagi-restore");
    await mkdir(path.join(work, "data"), { recursive: true });
    await writeFile(path.join(work, "data", "api-key"), "restored");
    await write(path.join(work, "journal.json"));
    const folders = serverFolders(readConfig({ data, plugins: path.join(data, "plugins") }, {}));
    await expect(finishSwap(folders)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await readFile(path.join(work, "data", "api-key"), "utf8")).toBe("restored");
  });
});

describe("an invalid backup", () => {
  const flipped = (bytes: Buffer): Buffer => {
    const plain = gunzipSync(bytes);
    const at = plain.indexOf("export default");
    plain.write("exPort", at);
    return gzipSync(plain);
  };
  const cases: [string, (whole: Buffer) => Buffer][] = [
    ["cut short", (whole) => whole.subarray(0, whole.length - 100)],
    ["cut short within its plain form", (whole) => gzipSync(gunzipSync(whole).subarray(0, -20_000))],
    ["with a byte of its packed form changed", (whole) => Buffer.from(whole).fill(0x55, 2000, 2010)],
    ["with a file changed", flipped],
    ["empty", () => Buffer.alloc(0)],
    ["no archive", () => Buffer.from("something else altogether")],
    ["a tar of something else", () => tarOf([["readme.txt", "hello"]])],
    ["leading out of its folder", () => tarOf([["data/../../evil", "x"], manifest()])],
    ["with an absolute name", () => tarOf([["/etc/evil", "x"], manifest()])],
    ["with a hidden name", () => tarOf([["data/.hitagi-restore/journal.json", "{}"], manifest()])],
    ["with a file beyond its manifest", () => tarOf([["data/extra", "x"], manifest()])],
    [
      "without a file of its manifest",
      () => tarOf([manifest({ files: [{ path: "data/x", size: 1, sha256: "0".repeat(64) }] })]),
    ],
    ["of a newer form", () => tarOf([manifest({ format: 2 })])],
    ["with a second manifest", () => tarOf([manifest(), manifest()])],
    ["without a database", () => tarOf([manifest()])],
  ];

  it("is refused and changes nothing", async () => {
    const { folder, data, file, offline } = await stopped();
    const whole = await readFile(file);
    const old = await filesIn(data);
    for (const [name, change] of cases) {
      await writeFile(path.join(folder, "bad.tar.gz"), change(whole));
      const refused = await offline("restore", "bad.tar.gz", "--force");
      expect([refused.code, refused.err], name).toEqual([
        1,
        expect.stringContaining("This backup cannot be used"),
      ]);
      expect(await filesIn(data), name).toEqual(old);
      const left = (await readdir(data)).filter((entry) => entry.startsWith(".hitagi-"));
      expect(left, name).toEqual([]);
    }
    const fresh = path.join(await tempFolder(), "data");
    expect((await offline("restore", "bad.tar.gz", "--data", fresh)).code).toBe(1);
    expect(Object.keys(await filesIn(fresh))).toEqual([]);
  });
});
