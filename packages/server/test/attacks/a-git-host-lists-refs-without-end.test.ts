import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openGit } from "../sources/git-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

const CHUNK = 64 * 1024;
/** Bytes of a list of refs that are read, and those that are on the way. */
const MOST = 8 * 1024 * 1024 + 4 * 1024 * 1024;

/** A program in place of git, which prints refs without end and counts its chunks in a file. */
const endlessGit = async () => {
  const [folder, line] = [await tempFolder(), `${"a".repeat(40)}\trefs/x/refs/heads/main\n`];
  const [binary, counter] = [path.join(folder, "git"), path.join(folder, "chunks")];
  await writeFile(
    binary,
    `#!${process.execPath}
const fs = require("node:fs");
const chunk = ${JSON.stringify(line)}.repeat(${Math.floor(CHUNK / line.length)});
for (let n = 1; ; n++) {
  let written = 0;
  while (written < chunk.length) {
    try { written += fs.writeSync(1, chunk.slice(written)); } catch (e) { if (e.code !== "EAGAIN") throw e; }
  }
  fs.writeFileSync(${JSON.stringify(counter)}, String(n));
}`,
  );
  await chmod(binary, 0o755);
  return { binary, chunks: async () => Number(await readFile(counter, "utf8")) };
};

test.skipIf(process.platform === "win32")(
  "a list of refs without end is read up to 8 MB, and git is ended",
  async () => {
    const { binary, chunks } = await endlessGit();
    const { source } = await openGit(undefined, { binary, memoryBytes: 4 * 1024 ** 3 });
    const fields = { name: "g", provider: "git" as const, url: "https://127.0.0.1:1/g.git", ref: "main" };
    const options = { maxBytes: 1000, timeoutMs: 60_000 };
    await expect(source.fetch(fields, "registry.json", options)).rejects.toMatchObject({
      code: "SOURCE_REF_MISSING",
    });
    expect((await chunks()) * CHUNK).toBeLessThan(MOST);
  },
);
