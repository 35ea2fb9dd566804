import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { RegistryDetails, RegistryIndex } from "@hitagi/contract";
import type { VetFile } from "../../catalog/generate-index.ts";
import { exists } from "../../disk/files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { Finding } from "../../kit/check/types.ts";
import { inspectDetails } from "../details.ts";
import { KeeperError } from "../keeper-error.ts";
import { type KeeperSettings, readKeeperSettings, SETTINGS_FILE } from "../keeper-settings.ts";
import { DETAILS_FILE, INDEX_FILE } from "../registry-files.ts";
import { changesBetween, type VersionChange, versionsOf } from "../versions.ts";
import type { NewFile } from "../write-files.ts";
import { bundleSources } from "./bundle-sources.ts";
import { type ComposeRequest, composeDetails, composeIndex, jsonText, type PluginTexts } from "./compose.ts";
import { type CheckSource, findNewVersions, type NewVersions, type VettedFile } from "./new-versions.ts";
import {
  type BuildProblem,
  findPluginFiles,
  PLUGINS_FOLDER,
  type PluginFile,
  publishedPath,
} from "./plugin-files.ts";
import { changelogOf, readPluginText } from "./plugin-texts.ts";
import { findLost, isFileOf, type Published, publishedVersions, readBuilt } from "./published.ts";

/** What a build would write, or why it cannot. */
export interface BuildPlan {
  problems: BuildProblem[];
  /** What the checks say of new versions, without their errors. */
  warnings: Finding[];
  changes: VersionChange[];
  /** Empty if nothing changed. Artifacts come first, registry.json last. */
  files: NewFile[];
  index: RegistryIndex;
  details: RegistryDetails;
}

export interface BuildDeps {
  vet: VetFile;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
  signal: AbortSignal;
  /** Runs the checks of authors on a source; none without it. */
  check?: CheckSource;
  /** Findings name files relative to this folder; by default the registry's. */
  base?: string;
  /** Files that are put into the folder, in place of those with their paths. */
  added?: readonly PluginFile[];
}

/** The plugin files of a registry as they are published, and those that are added. */
const filesOf = async (folder: string, { added = [], signal, base = folder }: BuildDeps) => {
  const hasPlugins = await stat(path.join(folder, PLUGINS_FOLDER)).catch(() => undefined);
  const found = hasPlugins?.isDirectory()
    ? await findPluginFiles(folder, signal)
    : { files: [], problems: [] };
  const replaced = new Set(added.map(({ file }) => file));
  const kept = found.files.filter(({ file }) => !replaced.has(file));
  const { files, problems } = await bundleSources({ files: kept, problems: found.problems }, base);
  return { files: [...files, ...added], problems };
};

const settingsOf = async (folder: string): Promise<KeeperSettings | undefined> =>
  (await exists(path.join(folder, SETTINGS_FILE))) ? readKeeperSettings(folder) : undefined;

/** The texts beside the newest file of each plugin. */
const textsOf = async (
  folder: string,
  files: readonly PluginFile[],
  published: Published,
  { versions, known }: NewVersions,
): Promise<Map<string, PluginTexts>> => {
  const texts = new Map<string, PluginTexts>();
  const all = publishedVersions(published);
  const byFile = new Map<string, Pick<VettedFile["manifest"], "namespace" | "version">>(
    [...versions, ...known].map(({ file, manifest }) => [file, manifest]),
  );
  for (const one of files) {
    const { file, bytes } = one;
    const sha256 = sha256Of(bytes);
    const same = all.find(({ version }) => isFileOf(version, publishedPath(one), sha256));
    const of =
      byFile.get(file) ?? (same && { namespace: same.plugin.namespace, version: same.version.version });
    if (!of) continue;
    const { namespace, version } = of;
    const before = texts.get(namespace);
    const readme = (await readPluginText(folder, file, version, "readme")) ?? before?.readme;
    const changelog = await readPluginText(folder, file, version, "changelog");
    const own = changelog === undefined ? undefined : changelogOf(changelog, version);
    texts.set(namespace, {
      readme,
      changelogs: { ...before?.changelogs, ...(own !== undefined && { [version]: own }) },
    });
  }
  return texts;
};

/** @throws KeeperError if the texts of the keeper do not fit into the details */
const checkDetails = (text: string, index: RegistryIndex): void => {
  const [issue] = inspectDetails(Buffer.from(text), index.plugins);
  if (issue)
    throw new KeeperError(
      `The details would not be valid: ${issue.path} ${issue.reason}.`,
      "Shorten the text: a readme has at most 65,536 characters, a changelog of a version 16,384.",
      "DETAILS_INVALID",
    );
};

/** The files whose bytes change. The time of the index changes only with its plugins. */
const filesToWrite = (
  { bytes, index: before }: Published,
  index: RegistryIndex,
  details: RegistryDetails,
  artifacts: readonly NewFile[],
): NewFile[] => {
  const isSame = before !== undefined && jsonText(before.plugins) === jsonText(index.plugins);
  const detailsText = jsonText(details);
  checkDetails(detailsText, index);
  return [
    ...artifacts,
    ...(bytes.details?.equals(Buffer.from(detailsText))
      ? []
      : [{ file: DETAILS_FILE, content: detailsText }]),
    ...(isSame ? [] : [{ file: INDEX_FILE, content: jsonText(index) }]),
  ];
};

/**
 * Builds the index and the details of the plugins in a folder. Files that are published are not loaded again; nothing that is published
 * changes or goes. Nothing is written.
 * @throws KeeperError for a registry.json, a registry.details.json or a keeper.json that is not valid; the file system's error for a folder
 *   that cannot be read
 */
export const planBuild = async (folder: string, deps: BuildDeps): Promise<BuildPlan> => {
  const { vet, check, time, signal } = deps;
  // A wrong path would else be a registry without plugins.
  await readdir(folder);
  const [published, settings] = await Promise.all([readBuilt(folder), settingsOf(folder)]);
  const { files, problems } = await filesOf(folder, deps);
  const hasPermissions = (namespace: string, version: string): boolean =>
    published.details?.plugins[namespace]?.versions?.[version]?.permissions !== undefined;
  const found = await findNewVersions(
    files,
    published,
    { vet, check, signal },
    ({ namespace }, version) => !hasPermissions(namespace, version),
  );
  const texts = await textsOf(folder, files, published, found);
  const request: ComposeRequest = { published, settings, ...found, texts, time };
  const index = composeIndex(request);
  const details = composeDetails(index, request);
  const copies = found.versions
    .filter((one) => publishedPath(one) !== one.artifact)
    .map(({ artifact, bytes }) => ({ file: artifact, content: bytes }));
  const lost = await findLost(folder, published);
  return {
    problems: [...problems, ...found.problems, ...lost].sort((a, b) =>
      a.file < b.file ? -1 : Number(a.file > b.file),
    ),
    warnings: found.warnings,
    changes: changesBetween(
      versionsOf(published.index ?? { plugins: {} }, published.details),
      versionsOf(index, details),
    ),
    files: filesToWrite(published, index, details, copies),
    index,
    details,
  };
};
