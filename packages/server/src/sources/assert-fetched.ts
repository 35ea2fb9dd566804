import { HitagiError } from "@hitagi/contract";

/**
 * Checks the answer to a request without validators, to which "unchanged" is none.
 * @param path names what was asked for, in the error
 * @throws HitagiError SOURCE_STATUS
 */
export function assertFetched<F extends { changed: boolean } | undefined>(
  fetched: F,
  path: string,
): asserts fetched is Extract<F, { changed: true }> {
  if (!fetched?.changed) throw new HitagiError("SOURCE_STATUS", { status: 304, path });
}
