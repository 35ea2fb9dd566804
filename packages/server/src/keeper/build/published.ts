import path from "node:path";
import type { IndexVersion, RegistryDetails, RegistryIndex } from "@hitagi/contract";
import { hashFile } from "../../disk/sha256.ts";
import { readDetails } from "../details.ts";
import { DETAILS_FILE, INDEX_FILE, inFolder, readIndex } from "../registry-files.ts";
import { readSignedVersions } from "../signed-versions.ts";
import type { Versions } from "../versions.ts";
import type { BuildProblem } from "./plugin-files.ts";

/** What a folder says that it has published. */
export interface Published {
  index: RegistryIndex | undefined;
  details: RegistryDetails | undefined;
  /** Versions that ended with earlier epochs. */
  ended: Versions;
  /** The bytes of both files. */
  bytes: { index: Buffer | undefined; details: Buffer | undefined };
}

/** Reads what was built before. @throws KeeperError if it is not valid */
export const readBuilt = async (folder: string): Promise<Published> => {
  const read = inFolder(folder);
  const [index, details] = await Promise.all([read(INDEX_FILE, 0), read(DETAILS_FILE, 0)]);
  return {
    index: index && readIndex(index),
    details: details && readDetails(details),
    ended: (await readSignedVersions(folder)).ended,
    bytes: { index, details },
  };
};

/** Every published version, with its plugin. */
export const publishedVersions = ({ index }: Pick<Published, "index">) =>
  Object.values(index?.plugins ?? {}).flatMap((plugin) =>
    Object.values(plugin.versions).map((version) => ({ plugin, version })),
  );

/** The published versions whose files are missing or were changed. */
export const findLost = async (folder: string, built: Pick<Published, "index">): Promise<BuildProblem[]> => {
  const problems: BuildProblem[] = [];
  for (const { plugin, version } of publishedVersions(built)) {
    const { artifact, sha256 } = version;
    const found = await hashFile(folder, path.join(...artifact.split("/")));
    if (found === sha256) continue;
    const name = `${plugin.namespace} ${version.version}`;
    problems.push({
      file: artifact,
      reason:
        found === undefined
          ? `the file of ${name} is missing`
          : `has other bytes than ${name}, which is published`,
      hint:
        found === undefined
          ? `Restore it, or withdraw it: \`hitagi registry yank ${name} --reason …\`.`
          : "A published version never changes. Restore the file, and give the change a new version.",
    });
  }
  return problems;
};

/** Whether a file is the one of a published version. */
export const isFileOf = (version: IndexVersion, file: string, sha256: string): boolean =>
  version.sha256 === sha256 &&
  (version.artifact === file || path.posix.basename(version.artifact) === path.posix.basename(file));
