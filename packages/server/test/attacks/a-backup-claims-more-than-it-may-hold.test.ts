import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { expect, test } from "vitest";
import { packBackup } from "../../src/backup/pack.ts";
import { checkBackup, unpackBackup } from "../../src/backup/unpack.ts";
import { filesIn } from "../backup/backup-world.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

const headerOf = (name: string, size: number): Buffer => {
  const header = new Header({ path: name, size, mode: 0o600, type: "File" });
  header.encode();
  return header.block ?? Buffer.alloc(0);
};

const restore = async (backup: Buffer) => {
  const folder = await tempFolder();
  const data = path.join(folder, "data");
  await writeFile(path.join(folder, "x.tar.gz"), backup);
  const ran = await runCaptured(["restore", "x.tar.gz"], { cwd: folder, env: { HITAGI_DATA: data } });
  return { ...ran, written: Object.keys(await filesIn(data)) };
};

test.each(["data/api-key", `data/artifacts/${"0".repeat(64)}`, "plugins/Sideloaded/x.ts"])(
  "a small file that claims 700 MB is refused before its bytes are read: %s",
  async (name) => {
    // The bytes are not there at all.
    const { code, err, written } = await restore(gzipSync(headerOf(name, 700_000_000)));
    expect([code, err]).toEqual([1, expect.stringMatching(/is larger than \d+ bytes/)]);
    expect(written).toEqual([]);
  },
);

test("a manifest that is larger than its files need is refused before its bytes are read", async () => {
  // The bytes are not there at all.
  for (const size of [200_000_000, 2 ** 33]) {
    const { code, err, written } = await restore(gzipSync(headerOf("manifest.json", size)));
    expect([code, err]).toEqual([1, expect.stringContaining("its manifest is too large")]);
    expect(written).toEqual([]);
  }
});

/** A tar of empty files. */
const flood = (names: string[]): Readable =>
  Readable.from([gzipSync(Buffer.concat(names.map((name) => headerOf(name, 0))))]);

test.each([
  ["short names", Array.from({ length: 5000 }, (_, n) => `library/${n}`)],
  ["long names", Array.from({ length: 1000 }, (_, n) => `library/${"x".repeat(80)}${n}`)],
  ["names that no backup has", Array.from({ length: 5000 }, (_, n) => `data/other/${n}`)],
])("a flood of empty files with %s is refused at the first that no manifest could name", async (_, names) => {
  let received = 0;
  const receive = async (_path: string, content: AsyncIterable<Buffer>) => {
    received += 1;
    for await (const _ of content);
  };
  const unpacked = unpackBackup(flood(names), receive, { maxManifest: 20_000 });
  await expect(unpacked).rejects.toMatchObject({ params: { reason: "it holds too many files" } });
  expect(received).toBeLessThanOrEqual(200);
});

test("a manifest of files with names that JSON escapes fits", async () => {
  const files = Array.from({ length: 40 }, (_, n) => `${"\u0001".repeat(30)}"${n}.cbz`);
  const folder = await tempFolder();
  const listed = async function* () {
    for (const name of files) {
      await writeFile(path.join(folder, name), "");
      yield { part: "library" as const, path: name, folder };
    }
  };
  const { manifest } = await checkBackup(packBackup(listed, ["library"]));
  expect(manifest.files).toHaveLength(40);
});

test("a backup that is refused at its end has written nothing", async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const tar = Buffer.concat([headerOf("library/a.cbz", zeros.length), zeros, Buffer.alloc(1024)]);
  const { code, err, written } = await restore(gzipSync(tar));
  expect([code, err]).toEqual([1, expect.stringContaining("cut short")]);
  expect(written).toEqual([]);
});
