import type { FileHandle } from "node:fs/promises";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import { MAX_NOTE_BYTES } from "@hitagi/trust";
import { readFirst } from "../disk/regular-files.ts";
import { assertFetched } from "../sources/assert-fetched.ts";
import type { Http } from "../sources/http.ts";

export interface LoadDeps {
  http: Pick<Http, "get">;
  /** What of this machine may be read. */
  files: {
    check(file: string): Promise<string>;
    open(granted: readonly string[], file: string): Promise<FileHandle>;
  };
  /** Milliseconds for one list. */
  timeoutMs: number;
}

const isWeb = (address: string): boolean => /^https?:\/\//i.test(address);

/** @throws HitagiError BLOCK_LIST_UNREADABLE, SOURCE_TOO_LARGE */
const readLocal = async ({ files }: LoadDeps, address: string): Promise<Buffer> => {
  const file = await files.check(address).catch((error: unknown) => {
    if (!isHitagiError(error, "FILE_NOT_GRANTABLE")) throw error;
    const { reason = "" } = error.params;
    throw new HitagiError("BLOCK_LIST_UNREADABLE", { path: address, reason }, { cause: error });
  });
  const handle = await files.open([file], file);
  try {
    const bytes = await readFirst(handle, MAX_NOTE_BYTES + 1);
    if (bytes.length > MAX_NOTE_BYTES)
      throw new HitagiError("SOURCE_TOO_LARGE", { path: file, limit: MAX_NOTE_BYTES });
    return bytes;
  } finally {
    await handle.close();
  }
};

/** Reads the bytes of a block list, unverified. @throws HitagiError what Http.get throws, BLOCK_LIST_UNREADABLE, SOURCE_TOO_LARGE */
export const loadBlockList = async (
  deps: LoadDeps,
  address: string,
  signal?: AbortSignal,
): Promise<Buffer> => {
  if (!isWeb(address)) return readLocal(deps, address);
  const { http, timeoutMs } = deps;
  const fetched = await http.get(new URL(address), "the block list", {
    ...{ maxBytes: MAX_NOTE_BYTES, timeoutMs },
    ...(signal && { signal }),
  });
  assertFetched(fetched, "the block list");
  return fetched.bytes;
};
