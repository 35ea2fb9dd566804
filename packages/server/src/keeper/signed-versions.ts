import path from "node:path";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { readIfThere } from "../disk/files.ts";
import { KeeperError } from "./keeper-error.ts";
import { compareVersions, type Versions, versionsIn } from "./versions.ts";

/** Keeps each version that was signed in this epoch, as owners' servers do. It is committed with the registry. */
export const VERSIONS_FILE = "registry.versions.json";

const Kept = Type.Object({ sha256: Type.String(), yanked: Type.Optional(Type.Boolean()) });
const schema = Compile(
  Type.Object({
    version: Type.Literal(1),
    plugins: Type.Record(Type.String(), Type.Record(Type.String(), Kept)),
  }),
);

const invalid = (): KeeperError =>
  new KeeperError(`${VERSIONS_FILE} cannot be read.`, "Restore it from the last commit or backup.");

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid();
  }
};

/** The versions that were signed in this epoch; undefined if none is kept. @throws KeeperError */
export const readSignedVersions = async (folder: string): Promise<Versions | undefined> => {
  const bytes = await readIfThere(path.join(folder, VERSIONS_FILE));
  if (!bytes) return undefined;
  const value = parse(bytes);
  if (!schema.Check(value)) throw invalid();
  return versionsIn(
    Object.entries(value.plugins).flatMap(([namespace, versions]) =>
      Object.entries(versions).map(([version, { sha256, yanked = false }]) => ({
        ...{ namespace, version, sha256, yanked },
      })),
    ),
  );
};

/** The text of the file for these versions: the same for the same versions. */
export const signedVersionsText = (versions: Versions): string => {
  const plugins: Record<string, Record<string, { sha256: string; yanked?: true }>> = {};
  for (const { namespace, version, sha256, yanked } of [...versions.values()].sort(compareVersions)) {
    const kept = plugins[namespace] ?? {};
    kept[version] = { sha256, ...(yanked && { yanked }) };
    plugins[namespace] = kept;
  }
  return `${JSON.stringify({ version: 1, plugins }, null, 2)}\n`;
};
