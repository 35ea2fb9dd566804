import { statSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./failure.ts";

const INDEX = /\/?registry\.json$/;
/** A scheme, `user@host:`, or a host with a dot and a path. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/|^[^/\\\s]+@[^/\\\s]+:|^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//i;

const isFolder = (folder: string): boolean =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * A registry's address in the form of the API. A folder becomes absolute, because the server has another working
 * directory. The server detects what an address is.
 * @throws UsageError if the text is neither a folder nor an address
 */
export const parseRegistryAddress = (text: string, cwd: string): string => {
  if (/^https?:\/\//i.test(text)) return text;
  const folder = path.resolve(cwd, text.replace(INDEX, "") || ".");
  if (isFolder(folder)) return folder;
  if (ADDRESS.test(text)) return text;
  throw new UsageError(
    `${text} is neither a folder nor an address.`,
    "Give a repository like https://github.com/owner/repo, a web folder, or the folder that contains registry.json.",
  );
};
