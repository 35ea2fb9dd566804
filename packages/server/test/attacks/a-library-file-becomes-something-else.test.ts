import { execFileSync } from "node:child_process";
import { createReadStream, watch } from "node:fs";
import { link, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { checkBackup } from "../../src/backup/unpack.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { bearer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

const redis = sharedRedis();
let last = 0;

interface Place {
  /** The archive's file, in a folder of the library. */
  file: string;
  /** An archive outside of the library. The attacker may name it, and not read it. */
  secret: string;
}

/** A server with one archive that it has found in its library. */
const serveFound = async (store: string, makeLibrary: (folder: string) => Promise<void>) => {
  const folder = await tempFolder();
  const [data, library] = [path.join(folder, "data"), path.join(folder, "library")];
  const place = { file: path.join(library, "sub/a.cbz"), secret: path.join(folder, "secret/a.cbz") };
  await mkdir(path.dirname(place.secret), { recursive: true });
  await writeFile(place.secret, cbz("secret"));
  await makeLibrary(library);
  await mkdir(path.dirname(place.file), { recursive: true });
  await writeFile(place.file, cbz("known"));
  const settings = { data, library, ...(store && { store }), port: "0", warm: "0", settle: "0" };
  const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
  const run = (...argv: string[]) => runCaptured(argv, { cwd: folder, env });
  const headers = bearer(server.apiKey.key);
  const get = async (call: string) => {
    const answer = await fetch(`${server.address}/api/archives${call}`, { headers });
    return { status: answer.status, text: await answer.text() };
  };
  const ids = async (): Promise<string[]> =>
    (JSON.parse((await get("")).text) as { arcid: string }[]).map(({ arcid }) => arcid);
  await expect.poll(ids).toHaveLength(1);
  const [id = ""] = await ids();
  expect((await get(`/${id}/download`)).status).toBe(200);
  return { ...place, folder, library, server, run, get, id };
};

const replacements: [string, (place: Place) => Promise<void>][] = [
  ["a link to another file", ({ file, secret }) => symlink(secret, file)],
  ["a link to a device", ({ file }) => symlink("/dev/zero", file)],
  ["a pipe", async ({ file }) => void execFileSync("mkfifo", [file])],
  ["a folder", async ({ file }) => void (await mkdir(file))],
  [
    "a socket",
    async ({ file }) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(file, resolve));
      onTestFinished(() => void server.close());
    },
  ],
  [
    "its folder by a link",
    async ({ file, secret }) => {
      await rename(path.dirname(file), `${path.dirname(file)}.away`);
      await symlink(path.dirname(secret), path.dirname(file));
    },
  ],
];

const stores: [string, () => string][] = [
  ["SQLite", () => ""],
  ["Redis", () => redis().address(++last)],
];

describe.skipIf(withoutRedis).each(stores)("a known archive of a server on %s", (_, storeOf) => {
  test.each(replacements)("is replaced by %s", async (_, replace) => {
    const { server, run, get, id, folder, ...place } = await serveFound(storeOf(), async () => {});
    await rm(place.file);
    await replace(place);
    for (const call of ["download", "page?path=pages/01.jpg", "files"]) {
      const { status, text } = await get(`/${id}/${call}`);
      expect(status, text).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain("secret");
    }
    expect((await run("run", "comic-info", "--archive", id)).code).not.toBe(0);
    expect((await run("backup", "all.tar.gz", "--library")).err).toBe("");
    const { manifest } = await checkBackup(createReadStream(path.join(folder, "all.tar.gz")));
    expect(manifest.files.filter((one) => one.path.startsWith("library/sub/"))).toEqual([]);
    expect((await run("library", "remove", id, "--yes")).code).toBe(0);
    expect(await readFile(place.secret)).toEqual(cbz("secret"));
    // No read is still waiting.
    await server.stop();
  });
});

test("an owner's library that is itself a link, and a hard link in it, are served", async () => {
  const { file, get, id, library } = await serveFound("", async (name) => {
    await mkdir(`${name}.disk`);
    await symlink(`${name}.disk`, name);
  });
  await rename(file, path.join(library, "kept.cbz"));
  await link(path.join(library, "kept.cbz"), file);
  expect((await get(`/${id}/page?path=pages/01.jpg`)).text).toBe("first page of known");
  expect((await get(`/${id}/download`)).status).toBe(200);
});

test("a link to the library's own folder does not hold up the list of missing archives", async () => {
  const { library, get } = await serveFound("", async () => {});
  for (const name of ["one", "two", "three"]) await symlink(library, path.join(library, name));
  expect((await get("?missing=true")).status).toBe(200);
});

test("an upload is not written through a link in place of the folder of uploads", async () => {
  const folder = await tempFolder();
  const outside = path.join(folder, "outside");
  await mkdir(outside);
  const watched: string[] = [];
  const watcher = watch(outside, (_, name) => void watched.push(String(name)));
  onTestFinished(() => watcher.close());
  const { run, get } = await serveFound("", async (name) => {
    await mkdir(name);
    await symlink(outside, path.join(name, ".incoming"));
  });
  const file = path.join(folder, "new.cbz");
  await writeFile(file, cbz("new"));
  const refused = await run("library", "add", file);
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain(".incoming in its folder is a link or a file");
  expect(watched).toEqual([]);
  expect(JSON.parse((await get("")).text)).toHaveLength(1);
});

test("files that a link in place of the folder of uploads leads to are not removed", async () => {
  const folder = await tempFolder();
  const outside = path.join(folder, "outside");
  await mkdir(outside);
  await writeFile(path.join(outside, "old"), "kept");
  execFileSync("touch", ["-d", "2020-01-01", path.join(outside, "old")]);
  await serveFound("", async (name) => {
    await mkdir(name);
    await symlink(outside, path.join(name, ".incoming"));
  });
  expect(await readFile(path.join(outside, "old"), "utf8")).toBe("kept");
});
