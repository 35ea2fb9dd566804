import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { archiveIdOf, createArchiveHasher } from "../../src/library/archive-id.ts";
import { tempFolder } from "../support/temp-folder.ts";

const sha1 = (bytes: Buffer) => createHash("sha1").update(bytes).digest("hex");

/** LANraragi's rule: an archive's id depends on its first 512,000 bytes. */
const HEAD = 512_000;
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 256));

test.each([0, 1, HEAD - 1, HEAD, HEAD + 1, 2 * HEAD])(
  "the id of a file of %i bytes is the hash of its first 512,000 bytes",
  async (size) => {
    const bytes = bytesOf(size);
    const file = path.join(await tempFolder(), "a.cbz");
    await writeFile(file, bytes);
    expect(await archiveIdOf(file)).toBe(sha1(bytes.subarray(0, HEAD)));
  },
);

test.each([1000, HEAD - 1, HEAD, HEAD + 1])(
  "a stream in chunks of %i bytes has the same id and checksum as the whole file",
  (piece) => {
    const bytes = bytesOf(2 * HEAD + 7);
    const hasher = createArchiveHasher();
    for (let at = 0; at < bytes.length; at += piece) hasher.update(bytes.subarray(at, at + piece));
    expect(hasher.id()).toBe(sha1(bytes.subarray(0, HEAD)));
    expect(hasher.checksum()).toBe(sha1(bytes));
  },
);

test("a missing file is the file system's error", async () => {
  await expect(archiveIdOf(path.join(await tempFolder(), "none"))).rejects.toMatchObject({ code: "ENOENT" });
});
