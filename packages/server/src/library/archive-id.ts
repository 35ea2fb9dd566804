import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

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

/** The id of an archive on the disk. @throws what the file system throws */
export const archiveIdOf = async (file: string): Promise<string> => {
  const handle = await open(file, "r");
  try {
    return createHash("sha1")
      .update(await readHead(handle))
      .digest("hex");
  } finally {
    await handle.close();
  }
};

const readHead = async (handle: FileHandle): Promise<Buffer> => {
  const head = Buffer.allocUnsafe(ID_BYTES);
  let filled = 0;
  while (filled < ID_BYTES) {
    const { bytesRead } = await handle.read(head, filled, ID_BYTES - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return head.subarray(0, filled);
};
