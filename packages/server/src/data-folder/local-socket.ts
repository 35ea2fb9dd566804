import path from "node:path";

/** The longest path of a Unix socket in bytes, without its end: 103 on macOS, 107 on Linux. */
const MAX_BYTES = 103;

/**
 * The Unix socket of a data folder's server, on which only the folder's owner can listen. Its name is hidden, so that backups
 * leave it out. Undefined on Windows, and where the path is too long.
 */
export const localSocket = (data: string): string | undefined => {
  const file = path.join(data, ".hitagi.sock");
  return process.platform === "win32" || Buffer.byteLength(file) > MAX_BYTES ? undefined : file;
};
