import path from "node:path";
import { exists } from "../../disk/files.ts";
import { KeeperError } from "../keeper-error.ts";
import { type KeeperSettings, keeperSettingsText, SETTINGS_FILE } from "../keeper-settings.ts";
import { INDEX_FILE } from "../registry-files.ts";
import type { NewFile } from "../write-files.ts";
import { ciFiles } from "./ci-files.ts";
import { PLUGINS_FOLDER } from "./plugin-files.ts";

const README = `The plugins of this registry, one file each: .ts, .js, .mjs or .pm. \`hitagi registry build\` publishes them.
`;

/** Git changes no line end, so that every machine has the same hashes. */
const ATTRIBUTES = ["registry.* -text", "artifacts/** -text", `${PLUGINS_FOLDER}/** -text`, ""].join("\n");

/**
 * The files of a new registry. A folder that has plugins, or an index, gets only what it lacks.
 * @throws KeeperError if it is a registry of these commands already
 */
export const planNewRegistry = async (folder: string, settings: KeeperSettings): Promise<NewFile[]> => {
  if (await exists(path.join(folder, SETTINGS_FILE)))
    throw new KeeperError(
      `There is a ${SETTINGS_FILE} in ${folder} already.`,
      "Change that file, or choose another folder.",
    );
  const files = [
    { file: `${PLUGINS_FOLDER}/about-this-folder.txt`, content: README },
    { file: ".gitattributes", content: ATTRIBUTES },
    ...ciFiles(),
    { file: SETTINGS_FILE, content: keeperSettingsText(settings) },
  ];
  const taken = await Promise.all(files.map(({ file }) => exists(path.join(folder, file))));
  return files.filter((_, n) => !taken[n]);
};

/** Whether a folder is a registry: it has settings of a keeper, or an index. */
export const isRegistryFolder = async (folder: string): Promise<boolean> =>
  (await exists(path.join(folder, SETTINGS_FILE))) || (await exists(path.join(folder, INDEX_FILE)));
