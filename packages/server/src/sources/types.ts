import type { Provider } from "@hitagi/contract";
import type { RegistryFields } from "../store/types.ts";

/** What a conditional fetch compares with. */
export interface Validators {
  etag?: string | undefined;
  lastModified?: string | undefined;
}

export interface FetchOptions {
  /** More than this many bytes, after decompression, is SOURCE_TOO_LARGE. */
  maxBytes: number;
  /** Total time in milliseconds, from the first byte sent to the last received, retries included. */
  timeoutMs: number;
  signal?: AbortSignal;
  validators?: Validators;
}

export type Fetched = { changed: false } | { changed: true; bytes: Buffer; validators: Validators };

/**
 * Where a registry's files are. A source only reads; what the files mean is the catalog's affair.
 * A driver is one file beside this one, listed in sources.ts.
 */
export interface Source {
  readonly provider: Provider;
  /** The fields that a registry of this provider must have; any other of url, ref, path is refused. */
  readonly fields: readonly ("url" | "ref" | "path")[];
  /** What is wrong with the fields, in words, or undefined. Only called with all fields present. */
  check(fields: RegistryFields): string | undefined;
  /**
   * Reads one file of the registry.
   * @param file relative to the folder of registry.json, with `/`
   * @throws HitagiError SOURCE_UNREACHABLE, SOURCE_STATUS, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, SOURCE_REDIRECT,
   *   SOURCE_FILE_MISSING, SOURCE_PATH_ESCAPES
   */
  fetch(fields: RegistryFields, file: string, options: FetchOptions): Promise<Fetched>;
}
