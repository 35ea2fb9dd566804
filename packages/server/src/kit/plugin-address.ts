import { writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { readAddress } from "../net/read-address.ts";

/** Whether a text is the address of a plugin file, and not a path. */
export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

const tooLarge = () =>
  new HitagiError("LOAD_FAILED", { reason: `it is larger than ${MAX_ARTIFACT_FILE_BYTES} bytes` });

/**
 * Fetches a plugin file into a folder.
 * @returns its path
 * @throws HitagiError REQUEST_FAILED, LOAD_FAILED
 */
export const fetchPlugin = async (address: string, folder: string): Promise<string> => {
  const url = new URL(address);
  const bytes = await readAddress(url, MAX_ARTIFACT_FILE_BYTES, tooLarge);
  const file = path.join(folder, path.posix.basename(url.pathname) || "plugin.js");
  await writeFile(file, bytes);
  return file;
};
