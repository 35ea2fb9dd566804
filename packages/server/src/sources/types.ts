import type { Credential, CredentialKind, Provider, RegistryFields } from "@hitagi/contract";

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
  credential?: Credential;
}

/** What a fetch brought; `moved` is the address that the file was permanently redirected to, if it was. */
export type Fetched = ({ changed: false } | { changed: true; bytes: Buffer; validators: Validators }) & {
  moved?: string;
};

/** What kind of credential is taken, and who gets to see it. */
export interface CredentialUse {
  kind: CredentialKind;
  /** Address of the host; another one must not be sent the credential of this one. */
  origin: string;
}

/** The fields of a registry that tell where it is. */
export type SourceField = "url" | "ref" | "path" | "folder";

/**
 * Where a registry's files are. A source only reads; what the files mean is the catalog's affair.
 * A driver is one file beside this one, listed in sources.ts.
 */
export interface Source {
  readonly provider: Provider;
  /** The fields that a registry of this provider must have. */
  readonly fields: readonly SourceField[];
  /** Those that it may have besides; any other of them is refused. */
  readonly optional: readonly SourceField[];
  /** What credential these fields can be reached with; undefined for none. */
  credential(fields: RegistryFields): CredentialUse | undefined;
  /** What is wrong with the fields, in words, or undefined. Only called with all fields present. */
  check(fields: RegistryFields): string | undefined;
  /**
   * Reads one file of the registry.
   * @param file relative to the folder of registry.json, with `/`
   * @throws HitagiError SOURCE_UNREACHABLE, SOURCE_STATUS, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, SOURCE_REDIRECT,
   *   SOURCE_CERTIFICATE, SOURCE_CREDENTIAL_NEEDED, SOURCE_CREDENTIAL_REFUSED, SOURCE_RATE_LIMITED,
   *   SOURCE_HOST_KEY_CHANGED, GIT_MISSING, SOURCE_REPOSITORY_MISSING, SOURCE_REF_MISSING, SOURCE_FILE_MISSING, SOURCE_PATH_ESCAPES
   */
  fetch(fields: RegistryFields, file: string, options: FetchOptions): Promise<Fetched>;
  /** Removes what is kept between fetches and belongs to none of the driver's registries. */
  tidy?(registries: readonly RegistryFields[]): Promise<void>;
}
