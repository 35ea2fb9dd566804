import { HitagiError } from "@hitagi/contract";
import { codeOf } from "../disk/errno.ts";
import { readBody } from "./http-body.ts";
import { loadUndici } from "./undici.ts";

const LIMIT_MS = 30_000;

/**
 * Reads what an address that a person named answers, without redirects, in 30 s at most.
 * @param tooLarge the error for an answer of more than `maxBytes`
 * @throws HitagiError REQUEST_FAILED for any status but 200; `tooLarge`
 */
export const readAddress = async (
  url: URL,
  maxBytes: number,
  tooLarge: () => HitagiError,
): Promise<Buffer> => {
  const failed = (reason: string, cause?: unknown): HitagiError =>
    new HitagiError("REQUEST_FAILED", { host: url.host, reason }, { cause });
  const { request } = await loadUndici();
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const { statusCode, body, headers } = await request(url, { signal });
    if (statusCode !== 200) {
      await body.dump();
      throw failed(`the answer has the status ${statusCode}`);
    }
    const encoding = [headers["content-encoding"] ?? ""].flat().join(",");
    const { bytes } = await readBody(body, encoding, undefined, { maxBytes, tooLarge, signal });
    return bytes;
  } catch (error) {
    if (error instanceof HitagiError) throw error;
    const late = `it took longer than ${LIMIT_MS / 1000} s`;
    throw failed(signal.aborted ? late : (codeOf(error) ?? "the connection failed"), error);
  }
};
