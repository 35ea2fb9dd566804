import { writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { expect, test } from "vitest";
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

test("a backup that is refused at its end has written nothing", async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const tar = Buffer.concat([headerOf("library/a.cbz", zeros.length), zeros, Buffer.alloc(1024)]);
  const { code, err, written } = await restore(gzipSync(tar));
  expect([code, err]).toEqual([1, expect.stringContaining("cut short")]);
  expect(written).toEqual([]);
});
