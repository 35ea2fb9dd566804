import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { fetchBackup } from "../../src/cli/commands/backup.ts";
import type { Io } from "../../src/cli/io.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { filesIn, type Kept, serve, serveStocked } from "./backup-world.ts";

/** Installs, upgrades, removes and uploads until it is stopped; returns how often. */
const load = ({ run, folder }: Kept) => {
  let going = true;
  const install = async (namespace: string) => {
    let done = 0;
    // A removal comes early in each round, so that a slow machine reaches one as well.
    for (let n = 0; going || done < 3; n = (n + 1) % 3) {
      const outcome =
        n === 2
          ? await run("uninstall", namespace)
          : await run("install", namespace, "--version", `1.${n}.0`, "--yes");
      expect(outcome.code, outcome.err).toBe(0);
      done++;
    }
    return done;
  };
  const upload = async () => {
    let done = 0;
    for (; going; done++) {
      const file = path.join(folder, `${done}.cbz`);
      await writeFile(file, cbz(`load ${done}`));
      expect((await run("library", "add", file)).code).toBe(0);
    }
    return done;
  };
  const all = Promise.all([install("two"), install("three"), upload()]);
  return async () => {
    going = false;
    return all;
  };
};

it("a backup made under load restores everything, and all plugins verify", async () => {
  const kept = await serveStocked();
  const stop = load(kept);
  onTestFinished(() => void stop().catch(() => {}));
  for (const name of ["a", "b", "c"]) {
    const made = await kept.run("backup", `${name}.tar.gz`, "--json", ...(name === "c" ? ["--library"] : []));
    expect(made.code, made.err).toBe(0);
  }
  const counts = await stop();
  for (const count of counts) expect(count).toBeGreaterThan(0);
  expect((await stat(path.join(kept.folder, "a.tar.gz"))).mode & 0o777).toBe(0o600);
  expect(await readdir(path.join(kept.data, ".hitagi-backup")).catch(() => [])).toEqual([]);

  for (const name of ["a", "b", "c"]) {
    const data = path.join(await tempFolder(), "data");
    const restored = await kept.run("restore", `${name}.tar.gz`, "--data", data, "--json");
    expect(restored.code, restored.err).toBe(0);
    expect(restored.json.aside).toBeNull();
    const again = await serve(kept.folder, data);
    const verified = await again.run("verify", "--json");
    expect(verified.code, verified.err).toBe(0);
    expect(verified.json.length).toBeGreaterThan(0);
    expect((await again.run("run", "one")).out).toContain("ran");
    expect((await again.run("settings", "filename-parse")).out).toMatch(/keep_rest +bool +yes/);
    // The catalog came along: nothing has to be fetched before it can be searched.
    expect((await again.run("search", "two")).out).toContain("two");
    expect((await again.run("install", "one", "--version", "1.5.0")).code).toBe(0);
    expect((await again.run("rollback", "one")).code).toBe(0);
    expect(await readFile(path.join(data, "api-key"), "utf8")).toBe(kept.server.apiKey.key);
    const archives = (await again.run("library", "list", "--json")).json;
    const missing = archives.filter((archive: { missing?: boolean }) => archive.missing);
    if (name === "c") expect([archives.length > 0, missing.length]).toEqual([true, 0]);
    await again.server.stop();
  }
});

it.each([
  ["backups", /^backups\/hitagi-.*\.tar\.gz$/],
  ["a/b/", /^a\/b\/hitagi-.*\.tar\.gz$/],
  ["c/all.tar.gz", /^c\/all\.tar\.gz$/],
])("makes the folder of %s where it is missing, for its owner only", async (destination, expected) => {
  const kept = await serveStocked();
  const made = await kept.run("backup", destination, "--json");
  expect(made.err).toBe("");
  expect(path.relative(kept.folder, made.json.file)).toMatch(expected);
  expect((await stat(path.dirname(made.json.file))).mode & 0o777).toBe(0o700);
});

it("includes a plugin file that its owner changed, and restores it unchanged", async () => {
  const kept = await serveStocked();
  const file = path.join("plugins", "Managed", "Scripts", "one.ts");
  await writeFile(path.join(kept.data, file), "// changed by the owner");
  expect((await kept.run("backup", "x.tar.gz")).code).toBe(0);
  const data = path.join(await tempFolder(), "data");
  expect((await kept.run("restore", "x.tar.gz", "--data", data)).code).toBe(0);
  expect(await readFile(path.join(data, file), "utf8")).toBe("// changed by the owner");
});

it("backs up a server that does not run, and refuses to overwrite a file", async () => {
  const kept = await serveStocked();
  await kept.server.stop();
  const io = { cwd: kept.folder, env: { HITAGI_DATA: kept.data } };
  // No server has the address that it would call.
  const made = await runCaptured(["backup", "x.tar.gz"], io);
  expect(made.code, made.err).toBe(0);
  expect(made.err).toContain("No server runs");
  expect(made.out).toMatch(
    /Wrote \S+x\.tar\.gz \(.+\) and checked it: \d+ files, .+, without the archives\./,
  );
  const again = await runCaptured(["backup", "x.tar.gz"], io);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("already exists")]);
  const checked = await runCaptured(["backup", "--check", "x.tar.gz"], io);
  expect(checked.out).toMatch(/^Complete: made 20\d\d-\d\d-\d\d \d\d:\d\d [+-]\S+ by Hitagi/);
});

it.runIf(process.platform === "linux")("names what of the library no backup can have", async () => {
  const kept = await serveStocked();
  const library = path.join(kept.data, "library");
  await mkdir(path.join(library, "series"));
  for (const name of ["kept.cbz", "series/kept.cbz"]) await writeFile(path.join(library, name), cbz(name));
  const all = await kept.run("backup", "all.tar.gz", "--library", "--json");
  expect(all.json).not.toHaveProperty("left_out");
  const named = (ending: string) =>
    Buffer.concat([Buffer.from(`${library}/caf`), Buffer.from([0xe9]), Buffer.from(ending)]);
  await mkdir(named(""));
  for (const ending of [".cbz", "/b.cbz"]) await writeFile(named(ending), cbz(ending));
  await symlink("/elsewhere", path.join(library, "series/more"));
  const made = await kept.run("backup", "x.tar.gz", "--library", "--json");
  await Promise.all(["", ".cbz"].map((ending) => rm(named(ending), { recursive: true })));
  expect(made.json.files).toBe(all.json.files);
  const left = [
    ["library/caf\ufffd", "its name is not UTF-8"],
    ["library/caf\ufffd.cbz", "its name is not UTF-8"],
    ["library/series/more", "it is a link"],
  ];
  const { count, first } = made.json.left_out as { count: number; first: { path: string; reason: string }[] };
  expect([count, first.map(({ path, reason }) => [path, reason]).sort()]).toEqual([3, left]);
  const checked = await kept.run("backup", "--check", "x.tar.gz");
  expect(checked.out).toContain("It does not have 3 files and folders of the library:\n");
  expect(checked.out).toContain('  "library/series/more": it is a link\n');
  const data = path.join(await tempFolder(), "data");
  expect((await kept.run("restore", "x.tar.gz", "--data", data)).code).toBe(0);
  expect(Object.keys(await filesIn(path.join(data, "library")))).toEqual(["kept.cbz", "series/kept.cbz"]);
});

it("makes one backup at a time; the next one may begin when the reader has left", async () => {
  const data = path.join(await tempFolder(), "data");
  const app = await createApp(readConfig({ data, warm: "0" }, {}), pino({ level: "silent" }));
  try {
    const { backups } = app.services;
    const first = await backups.make(false);
    await expect(backups.make(false)).rejects.toMatchObject({ code: "BACKUP_BUSY" });
    first.destroy();
    await expect.poll(() => readdir(path.join(data, ".hitagi-backup")).catch(() => "gone")).toBe("gone");
    const second = await backups.make(false);
    second.destroy();
  } finally {
    await app.stop();
  }
});

it("records who made a backup in the history, and requires the scope manage", async () => {
  const kept = await serveStocked();
  const key = (await kept.run("key", "add", "reader", "--scope", "use")).out.trim();
  const refused = await kept.run("backup", "x.tar.gz", "--key", key);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("needs a key with the scope manage"),
  ]);
  expect(await readdir(kept.folder)).not.toContain("x.tar.gz.part");
  expect((await kept.run("backup", "x.tar.gz")).code).toBe(0);
  await expect
    .poll(async () => (await kept.run("history", "--action", "make_backup", "--json")).json.items)
    .toMatchObject([
      { actor: { kind: "cli", key: "api-key" }, outcome: "ok" },
      { actor: { kind: "cli", key: "reader" }, outcome: "SCOPE_NEEDED" },
    ]);
});

it("a download stops reading while the writer is slow", async () => {
  let sent = 0;
  const server = createHttp((_request, response) => {
    const endless = new Readable({
      read() {
        sent += 65_536;
        this.push(randomBytes(65_536));
      },
    });
    endless.pipe(response);
    response.once("close", () => endless.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const backup = await fetchBackup({ env: {}, cwd: tmpdir() } as Io, { server: `http://127.0.0.1:${port}` });
  const chunks = (backup as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let taken = 0;
  while (taken < 12_000_000) taken += (await chunks.next()).value.length;
  // The writer stops reading. The sender has to stop too: it does when it sends nothing for many turns of the event loop.
  for (let idle = 0; idle < 2000 && sent - taken < 16_000_000; idle++) {
    const before = sent;
    await setImmediate();
    if (sent > before) idle = 0;
  }
  expect(sent - taken).toBeLessThan(16_000_000);
  await chunks.return?.();
});
