import path from "node:path";
import {
  MAX_DETAILS_BYTES,
  MAX_INDEX_BYTES,
  type RegistryDetails,
  type RegistryIndex,
} from "@hitagi/contract";
import { isHeadFile, MAX_NOTE_BYTES, type VerifiedHead, verifyHead } from "@hitagi/trust";
import { inspectIndex } from "../catalog/index-examine.ts";
import { withoutByteOrderMark } from "../catalog/index-text.ts";
import { readIfThere } from "../disk/files.ts";
import { sha256Of } from "../disk/sha256.ts";
import { readDetails } from "./details.ts";
import { KeeperError } from "./keeper-error.ts";
import { withSubject } from "./with-subject.ts";
import type { NewFile } from "./write-files.ts";

export const INDEX_FILE = "registry.json";
export const DETAILS_FILE = "registry.details.json";
export const HEAD_FILE = "registry.head";

/** The files of a registry beside its plugins, with the most bytes of each. */
export const registryFiles: Readonly<Record<string, number>> = {
  [HEAD_FILE]: MAX_NOTE_BYTES,
  [INDEX_FILE]: MAX_INDEX_BYTES,
  [DETAILS_FILE]: MAX_DETAILS_BYTES,
};

/** Reads one of these files; undefined if it is clearly not there. @throws HitagiError, the file system's error */
export type ReadRegistryFile = (file: string, maxBytes: number) => Promise<Buffer | undefined>;

/** A registry's files, read and checked, and what they hold. */
export interface RegistryContent {
  index: RegistryIndex;
  details: RegistryDetails | undefined;
  /** SHA-256 of registry.json, and of registry.details.json. */
  indexHash: string;
  detailsHash: string | undefined;
  /** Undefined if it is not signed. */
  head: VerifiedHead | undefined;
}

const CHECK = "See all errors with `hitagi registry check`.";

const CARRIAGE_RETURN = 0x0d;

/** Reads registry.json. @throws KeeperError INDEX_INVALID */
export const readIndex = (bytes: Buffer): RegistryIndex => {
  const [issue] = inspectIndex(bytes).issues;
  if (issue)
    throw new KeeperError(
      `${INDEX_FILE} cannot be used: ${issue.path} ${issue.reason}.`,
      CHECK,
      "INDEX_INVALID",
    );
  return JSON.parse(withoutByteOrderMark(bytes).toString("utf8"));
};

/** Reads registry.head. @returns undefined for a file that is no head @throws KeeperError with the code of the refusal */
export const readHeadFile = (bytes: Buffer | undefined): VerifiedHead | undefined =>
  bytes && isHeadFile(bytes)
    ? withSubject(HEAD_FILE, "Restore the file that was published last.", () => verifyHead(bytes))
    : undefined;

/**
 * Reads a registry. Its head may be of other files than these.
 * @returns undefined if it has no registry.json
 * @throws KeeperError INDEX_INVALID, and the codes of heads
 */
export const readRegistry = async (read: ReadRegistryFile): Promise<RegistryContent | undefined> => {
  const [head, index, details] = await Promise.all(
    Object.entries(registryFiles).map(([file, maxBytes]) => read(file, maxBytes)),
  );
  if (!index) return undefined;
  return {
    index: readIndex(index),
    details: details && readDetails(details),
    indexHash: sha256Of(index),
    detailsHash: details && sha256Of(details),
    head: readHeadFile(head),
  };
};

/** Reads the files of a folder. */
export const inFolder =
  (folder: string): ReadRegistryFile =>
  (file) =>
    readIfThere(path.join(folder, file));

/**
 * Reads the registry in a folder, as it is to be signed.
 * @param replaced files that are about to be written
 * @throws KeeperError if there is none, or if git may change it on another machine
 */
export const readRegistryFolder = async (
  folder: string,
  replaced: readonly NewFile[] = [],
): Promise<RegistryContent> => {
  const content = await readRegistry(async (file, maxBytes) => {
    const planned = replaced.find((one) => one.file === file);
    const bytes = planned ? Buffer.from(planned.content) : await inFolder(folder)(file, maxBytes);
    if (bytes?.includes(CARRIAGE_RETURN))
      throw new KeeperError(
        `${file} has carriage returns, which git removes on other machines: its hash would be another one there.`,
        "Write it with line feeds only. In git, `registry.* -text` in .gitattributes keeps it so.",
      );
    return bytes;
  });
  if (content) return content;
  throw new KeeperError(
    `There is no ${INDEX_FILE} in ${folder}.`,
    "Name the registry's folder. `hitagi registry build` makes the file of the plugins in a folder.",
  );
};
