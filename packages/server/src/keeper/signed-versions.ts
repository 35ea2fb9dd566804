import path from "node:path";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { readIfThere } from "../disk/files.ts";
import { KeeperError } from "./keeper-error.ts";
import { byPlugin, compareVersions, type Versions, versionsIn } from "./versions.ts";

/**
 * Keeps each version that was signed in this epoch, as owners' servers do, and those that ended with an earlier one, whose numbers are not
 * used again: owners may have their files. It is committed with the registry.
 */
export const VERSIONS_FILE = "registry.versions.json";

const Kept = Type.Object({ sha256: Type.String(), yanked: Type.Optional(Type.Boolean()) });
const Plugins = Type.Record(Type.String(), Type.Record(Type.String(), Kept));
type Plugins = Static<typeof Plugins>;
const schema = Compile(
  Type.Object({ version: Type.Literal(1), plugins: Plugins, ended: Type.Optional(Plugins) }),
);

/** What the file keeps. */
export interface SignedVersions {
  /** The versions that were signed in this epoch; undefined if none is kept. */
  signed: Versions | undefined;
  /** Versions of earlier epochs that this one does not have, such as those that a thief published. */
  ended: Versions;
}

const invalid = (): KeeperError =>
  new KeeperError(`${VERSIONS_FILE} cannot be read.`, "Restore it from the last commit or backup.");

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid();
  }
};

const listed = (plugins: Plugins): Versions =>
  versionsIn(
    Object.entries(plugins).flatMap(([namespace, versions]) =>
      Object.entries(versions).map(([version, { sha256, yanked = false }]) => ({
        ...{ namespace, version, sha256, yanked },
      })),
    ),
  );

/**
 * A folder that was signed, and whose head is gone, would begin anew with head 1, which owners' servers refuse as a fork.
 * @throws KeeperError SIGNATURE_MISSING
 */
export const checkHeadThere = (head: object | undefined, { signed }: SignedVersions): void => {
  if (head || !signed) return;
  throw new KeeperError(
    `registry.head is missing: by ${VERSIONS_FILE} this registry was signed.`,
    "Put the published registry.head back, or the one of the last commit. If there is none, `hitagi registry recover` with --origin and --epoch begins the next epoch.",
    "SIGNATURE_MISSING",
  );
};

/** Reads the file of a folder. @throws KeeperError */
export const readSignedVersions = async (folder: string): Promise<SignedVersions> => {
  const bytes = await readIfThere(path.join(folder, VERSIONS_FILE));
  if (!bytes) return { signed: undefined, ended: new Map() };
  const value = parse(bytes);
  if (!schema.Check(value)) throw invalid();
  return { signed: listed(value.plugins), ended: listed(value.ended ?? {}) };
};

/** By namespace and version. Entries become own properties, also those of a plugin that is named `__proto__`. */
const pluginsOf = (versions: Versions): Plugins =>
  Object.fromEntries(
    [...byPlugin([...versions.values()].sort(compareVersions))].map(([namespace, list]) => [
      namespace,
      Object.fromEntries(
        list.map(({ version, sha256, yanked }) => [version, { sha256, ...(yanked && { yanked }) }]),
      ),
    ]),
  );

/** The text of the file for these versions: the same for the same versions. */
export const signedVersionsText = (signed: Versions, ended: Versions): string =>
  `${JSON.stringify({ version: 1, plugins: pluginsOf(signed), ...(ended.size > 0 && { ended: pluginsOf(ended) }) }, null, 2)}\n`;
