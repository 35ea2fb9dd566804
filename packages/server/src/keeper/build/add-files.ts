import path from "node:path";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import type { VetFile } from "../../catalog/generate-index.ts";
import { bundlePlugin } from "../../kit/bundle/bundle.ts";
import { KeeperError } from "../keeper-error.ts";
import { findPluginFiles, isInVersionFolder, PLUGINS_FOLDER, type PluginFile } from "./plugin-files.ts";
import { type BroughtText, textsBrought } from "./plugin-texts.ts";

const PLUGIN = /\.(?:ts|js|mjs|pm)$/;

/** Whether a name is that of a plugin file. */
export const isPluginName = (name: string): boolean => PLUGIN.test(name) && !name.endsWith(".d.ts");

/**
 * Reads plugin files that are put into a registry's folder, and finds the place of each: that of the plugin's present file, or a new one.
 * @param given absolute paths
 * @returns them, and the readmes and changelogs that come with them
 * @throws HitagiError if one does not load; KeeperError if the place of one is another plugin's
 */
export const readAdded = async (
  folder: string,
  given: readonly string[],
  vet: VetFile,
  signal: AbortSignal,
): Promise<{ added: PluginFile[]; texts: BroughtText[] }> => {
  const present = await findPluginFiles(folder, signal).catch(() => ({ files: [] }));
  /** The place of each plugin's present file, of those that may be replaced. */
  const places = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const { file, bytes } of present.files) {
    const manifest = await vet(path.posix.basename(file), bytes, signal).catch(() => undefined);
    owners.set(file, manifest?.namespace ?? "");
    if (manifest && !isInVersionFolder(file, manifest.version)) places.set(manifest.namespace, file);
  }
  const added: PluginFile[] = [];
  const texts: BroughtText[] = [];
  for (const source of given) {
    // A source with imports would lose what is beside it.
    const { code: bytes, filename } = await bundlePlugin(source);
    if (bytes.length > MAX_ARTIFACT_FILE_BYTES)
      throw new KeeperError(
        `${source} has ${bytes.length} bytes, more than a plugin may have.`,
        "Make it smaller.",
      );
    const { namespace, version } = await vet(filename, bytes, signal);
    const file = places.get(namespace) ?? `${PLUGINS_FOLDER}/${filename}`;
    const owner = owners.get(file);
    if (owner !== undefined && owner !== namespace)
      throw new KeeperError(
        `${file} is the file of ${owner || "a plugin that does not load"}, and ${source} is ${namespace}.`,
        "Rename one of the two files.",
      );
    owners.set(file, namespace);
    added.push({ file, bytes, source });
    texts.push(...(await textsBrought(folder, file, source, version)));
  }
  return { added, texts };
};
