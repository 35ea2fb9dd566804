import { realpath } from "node:fs/promises";
import path from "node:path";
import { readIfThere } from "../disk/files.ts";
import { holds } from "../disk/folders.ts";
import { KeeperError } from "./keeper-error.ts";
import { findKeyIn } from "./keys-in-folder.ts";
import { makeNextHead, type NextHead, type NextHeadRequest } from "./next-head.ts";
import { HEAD_FILE, readRegistryFolder } from "./registry-files.ts";
import { readSignedVersions, signedVersionsText, VERSIONS_FILE } from "./signed-versions.ts";
import { type NewFile, writeRegistryFiles } from "./write-files.ts";

const ATTRIBUTES = ".gitattributes";
const AS_THEY_ARE = "registry.* -text";

/** .gitattributes with the line that keeps git from changing these files; undefined if it has it. */
const attributes = async (folder: string): Promise<string | undefined> => {
  const text = (await readIfThere(path.join(folder, ATTRIBUTES)))?.toString("utf8") ?? "";
  if (text.split(/\r?\n/).includes(AS_THEY_ARE)) return undefined;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${AS_THEY_ARE}\n`;
};

const OUTSIDE = "Keep keys outside of the registry's folder: everyone can read what is in it.";

/** @throws KeeperError if a path leads into a registry's folder */
export const checkOutside = async (folder: string, file: string): Promise<void> => {
  const parent = await realpath(path.dirname(file));
  if (holds(await realpath(folder), parent))
    throw new KeeperError(`${path.basename(file)} is a key in the registry's folder.`, OUTSIDE);
};

/** @throws KeeperError if a secret key is in a folder that is published */
export const checkNoKeys = async (folder: string): Promise<void> => {
  const found = await findKeyIn(folder);
  if (found !== undefined)
    throw new KeeperError(
      `${found} is a secret key in the registry's folder.`,
      `${OUTSIDE} If it was published, treat it as stolen: \`hitagi registry recover\`.`,
    );
};

/** What a folder's next head is, and the files that change with it. */
export interface SignPlan extends NextHead {
  files: NewFile[];
}

/** The files that a new head brings, the head last. */
export const filesOf = async (
  folder: string,
  { file, versions, ended, endedGrew }: NextHead,
): Promise<NewFile[]> => {
  const memory = { file: VERSIONS_FILE, content: signedVersionsText(versions, ended) };
  if (file === undefined) return endedGrew ? [memory] : [];
  const lines = await attributes(folder);
  return [
    ...(lines === undefined ? [] : [{ file: ATTRIBUTES, content: lines }]),
    memory,
    { file: HEAD_FILE, content: file },
  ];
};

/**
 * Makes the next head of the registry in a folder. Nothing is written.
 * @param replaced files that are about to be written
 * @throws KeeperError
 */
export const planSigning = async (
  folder: string,
  request: Omit<NextHeadRequest, "content" | "memory">,
  replaced: readonly NewFile[] = [],
): Promise<SignPlan> => {
  await checkNoKeys(folder);
  const content = await readRegistryFolder(folder, replaced);
  const memory = await readSignedVersions(folder);
  const next = makeNextHead({ ...request, content, memory });
  return { ...next, files: await filesOf(folder, next) };
};

/** Writes what {@link planSigning} made. @throws HitagiError DISK_FULL, STORE_FAILED */
export const writeSigning = (folder: string, { files }: Pick<SignPlan, "files">): Promise<void> =>
  files.length === 0 ? Promise.resolve() : writeRegistryFiles(folder, files);
