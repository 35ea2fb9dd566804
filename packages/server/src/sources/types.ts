import type { Credential, CredentialKind, Provider, RegistryFields } from "@hitagi/contract";

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

/** The result of a fetch; `moved` is the target of a permanent redirect. */
export type Fetched = ({ changed: false } | { changed: true; bytes: Buffer; validators: Validators }) & {
  moved?: string;
};

/** What a source reads of a tree of files. */
export interface TreeOptions extends Omit<FetchOptions, "maxBytes"> {
  /** Whether a file is read, by its path relative to the registry's folder, with `/`. */
  accepts(path: string): boolean;
  /** Whether a folder may have such files, by its path. */
  enters(path: string): boolean;
  /** More files than this are SOURCE_TOO_MANY_FILES. */
  maxFiles: number;
  /** A larger file is not read. */
  maxFileBytes: number;
  /** More bytes than this, of all read files, are SOURCE_TOO_LARGE. */
  maxBytes: number;
}

/** A file of a tree: its bytes, or the reason in words why they were not read. */
export type TreeFile = { path: string } & ({ bytes: Buffer } | { problem: string });

/** The files of a registry at one revision, sorted by path. */
export interface FileTree {
  changed: true;
  /** The full id of the commit; undefined for a folder without one. */
  commit: string | undefined;
  /** Epoch seconds: the commit's time, or the newest change of a file. */
  time: number;
  files: TreeFile[];
  validators: Validators;
  moved?: string;
}

/** The kind of credential that a registry accepts, and the host that receives it. */
export interface CredentialUse {
  kind: CredentialKind;
  /** Whether it accepts a user and password in place of a token. */
  password?: boolean;
  /** The only origin that may receive the credential. */
  origin: string;
}

/** The fields of a registry that say where it is. */
export type SourceField = "url" | "ref" | "path" | "folder";

/** Reads a registry's files. A driver is one file beside this one, listed in sources.ts. */
export interface Source {
  readonly provider: Provider;
  /** The required fields of a registry. */
  readonly fields: readonly SourceField[];
  /** The optional fields. Any other field is refused. */
  readonly optional: readonly SourceField[];
  /** The credential that a registry with these fields accepts; undefined for none. */
  credential(fields: RegistryFields): CredentialUse | undefined;
  /** Validates the fields; all required ones are present. @returns the problem in words, or undefined */
  check(fields: RegistryFields): string | undefined;
  /** The address by which git reaches the repository of a forge; undefined if the fields are not valid. */
  gitAddress?(fields: RegistryFields): string | undefined;
  /**
   * Reads one file of the registry.
   * @param file relative to the folder of registry.json, with `/`
   * @throws HitagiError SOURCE_UNREACHABLE, SOURCE_STATUS, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, SOURCE_REDIRECT,
   *   SOURCE_CERTIFICATE, SOURCE_CREDENTIAL_NEEDED, SOURCE_CREDENTIAL_REFUSED, SOURCE_RATE_LIMITED,
   *   SOURCE_HOST_KEY_CHANGED, GIT_MISSING, SOURCE_REPOSITORY_MISSING, SOURCE_REF_MISSING, SOURCE_FILE_MISSING, SOURCE_PATH_ESCAPES,
   *   SOURCE_WEB_PAGE, SOURCE_LOGIN_PAGE, SOURCE_CAPTIVE_PORTAL
   */
  fetch(fields: RegistryFields, file: string, options: FetchOptions): Promise<Fetched>;
  /**
   * The fields at the commit that the ref names now, so that no cache by the ref's name answers. Absent where commits are not told.
   * @returns undefined where the ref was not found
   */
  atCommit?(
    fields: RegistryFields,
    options: Omit<FetchOptions, "maxBytes">,
  ): Promise<RegistryFields | undefined>;
  /**
   * Reads the regular files of the registry's folder, and of the folders in it, at one revision. Links are not followed.
   * Absent where files cannot be listed.
   * @throws HitagiError as fetch does, SOURCE_TOO_MANY_FILES
   */
  readTree?(
    fields: RegistryFields,
    options: TreeOptions,
  ): Promise<FileTree | { changed: false; moved?: string }>;
}
