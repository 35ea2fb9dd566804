import { statSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./failure.ts";

const INDEX = /\/?registry\.json$/;
/** A scheme, `user@host:`, or a host with a dot and something below it. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/|^[^/\\\s]+@[^/\\\s]+:|^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//i;

const isFolder = (folder: string): boolean =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * What a person gave as a registry, as the server takes it: a folder becomes absolute, for the server does not know where
 * this command runs; what an address is the server finds out.
 * @throws UsageError where it is neither
 */
export const registryAddress = (text: string, cwd: string): string => {
  if (/^https?:\/\//i.test(text)) return text;
  const folder = path.resolve(cwd, text.replace(INDEX, "") || ".");
  if (isFolder(folder)) return folder;
  if (ADDRESS.test(text)) return text;
  throw new UsageError(
    `${text} is neither a folder nor an address.`,
    "Give a repository like https://github.com/owner/repo, a web folder, or the folder that holds registry.json.",
  );
};
