import { createHash } from "node:crypto";
import { type ArchiveFile, openArchiveFile } from "./archive-file.ts";

/** How much of a file its id depends on (LANraragi). */
const ID_BYTES = 512_000;

/** Takes a file's bytes in order and computes the archive's id and the file's checksum. */
export interface ArchiveHasher {
  update(chunk: Buffer): void;
  /** SHA-1 of the first 512,000 bytes, hex: LANraragi's archive id. */
  id(): string;
  /** SHA-1 of all bytes, hex. */
  checksum(): string;
}

export const createArchiveHasher = (): ArchiveHasher => {
  const head = createHash("sha1");
  const whole = createHash("sha1");
  let seen = 0;
  return {
    update(chunk) {
      if (seen < ID_BYTES) head.update(chunk.subarray(0, ID_BYTES - seen));
      whole.update(chunk);
      seen += chunk.length;
    },
    id: () => head.digest("hex"),
    checksum: () => whole.digest("hex"),
  };
};

/** The id of an archive on the disk. @throws NotRegularError, what the file system throws */
export const archiveIdOf = async (file: ArchiveFile): Promise<string> => {
  const head = (await openArchiveFile(file)).createReadStream({ end: ID_BYTES - 1, highWaterMark: ID_BYTES });
  const hash = createHash("sha1");
  for await (const chunk of head as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
};
