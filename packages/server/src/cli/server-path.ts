import path from "node:path";

/** A path on the server. Only one that is relative depends on the folder of this command. */
export const serverPath = (cwd: string, file: string): string =>
  path.posix.isAbsolute(file) || path.win32.isAbsolute(file) ? file : path.resolve(cwd, file);
