import { writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { request } from "undici";
import { codeOf } from "../disk/errno.ts";
import { readBody } from "../net/http-body.ts";

const LIMIT_MS = 30_000;

/** Whether a text is the address of a plugin file, and not a path. */
export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/**
 * Fetches a plugin file into a folder.
 * @returns its path
 * @throws HitagiError REQUEST_FAILED, LOAD_FAILED
 */
export const fetchPlugin = async (address: string, folder: string): Promise<string> => {
  const url = new URL(address);
  const failed = (reason: string, cause?: unknown): HitagiError =>
    new HitagiError("REQUEST_FAILED", { host: url.host, reason }, { cause });
  const signal = AbortSignal.timeout(LIMIT_MS);
  const tooLarge = () =>
    new HitagiError("LOAD_FAILED", { reason: `it is larger than ${MAX_ARTIFACT_FILE_BYTES} bytes` });
  try {
    const { statusCode, body, headers } = await request(url, { signal });
    if (statusCode !== 200) throw failed(`the answer has the status ${statusCode}`);
    const encoding = [headers["content-encoding"] ?? ""].flat().join(",");
    const { bytes } = await readBody(body, encoding, undefined, {
      maxBytes: MAX_ARTIFACT_FILE_BYTES,
      tooLarge,
      signal,
    });
    const file = path.join(folder, path.posix.basename(url.pathname) || "plugin.js");
    await writeFile(file, bytes);
    return file;
  } catch (error) {
    if (error instanceof HitagiError) throw error;
    throw failed(
      signal.aborted
        ? `it took longer than ${LIMIT_MS / 1000} s`
        : (codeOf(error) ?? "the connection failed"),
      error,
    );
  }
};
