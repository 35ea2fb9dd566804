import path from "node:path";
import { isHitagiError, type Manifest, type RegistryIndex } from "@hitagi/contract";
import pLimit from "p-limit";
import type { VetFile } from "../../catalog/generate-index.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { Finding } from "../../kit/check/types.ts";
import { parseVersion } from "../../semantic-version.ts";
import { endedHint, endedText } from "../ended-versions.ts";
import { findVersion, sameVersion, versionAbove, versionsOf } from "../versions.ts";
import { type BuildProblem, isInVersionFolder, type PluginFile, publishedPath } from "./plugin-files.ts";
import { isFileOf, type Published, publishedVersions } from "./published.ts";

/** Files that are loaded at once: each is a process. */
const PARALLEL = 4;

/** A plugin file that was loaded in its sandbox. */
export interface VettedFile extends PluginFile {
  sha256: string;
  manifest: Manifest;
}

/** A version that is published for the first time, and the path of its file from then on. */
export interface NewVersion extends VettedFile {
  artifact: string;
}

const RAISE = "Give the file a new version.";

const problem = (file: string, reason: string, hint: string): BuildProblem => ({ file, reason, hint });

/** The path of a version's file: where it is, in a folder of its version, or else a copy that stays when the file changes. */
const artifactOf = (vetted: VettedFile): string => {
  const { type, namespace, version } = vetted.manifest;
  const file = publishedPath(vetted);
  return isInVersionFolder(file, version)
    ? file
    : ["artifacts", type, namespace, version, path.posix.basename(file)].join("/");
};

/** Why a vetted file is no new version: a problem, or nothing where it was published as it is. */
const judge = (
  vetted: VettedFile,
  { index, details, ended }: Published,
): BuildProblem | "new" | "published" => {
  const { file, sha256, manifest } = vetted;
  const { namespace, version, type } = manifest;
  if (parseVersion(version) === undefined)
    return problem(
      file,
      `its version ${version} is none of SemVer 2.0.0`,
      "Write three numbers, such as 1.0.0.",
    );
  const yanked = details?.plugins[namespace]?.yanked?.[version];
  if (yanked?.sha256 === sha256) return "published";
  if (yanked) return problem(file, `${namespace} ${version} was yanked, and had other bytes`, RAISE);
  const plugin = index?.plugins[namespace];
  if (plugin && plugin.type !== type)
    return problem(
      file,
      `${namespace} was published as ${plugin.type}, and this is ${type}`,
      "Choose another namespace.",
    );
  const known = Object.values(plugin?.versions ?? {}).find((one) => sameVersion(one.version, version));
  const other = known ? undefined : findVersion(ended, manifest);
  if (other) {
    const next = versionAbove(namespace, versionsOf(index ?? { plugins: {} }, details), ended);
    return problem(file, endedText(other), endedHint(next, other.sha256 === sha256));
  }
  if (!known) return "new";
  if (known.version === version && known.sha256 === sha256) return "published";
  return problem(
    file,
    `${namespace} ${known.version} is published with other bytes, and never changes`,
    RAISE,
  );
};

/** A plugin file, and what it is a version of. */
type Identified = Pick<VettedFile, "file" | "bundledAs" | "sha256"> &
  Pick<Manifest, "namespace" | "version" | "type">;

/** The problems of files that would be one plugin. Files in folders of their versions are versions of one plugin side by side. */
const sameNamespace = (files: readonly Identified[]): BuildProblem[] => {
  const sources = new Map<string, Identified>();
  const versions = new Map<string, Identified>();
  return files.flatMap((one) => {
    const { file, namespace, version, sha256 } = one;
    const isSource = !isInVersionFolder(file, version);
    const other = versions.get(`${namespace} ${version}`) ?? (isSource ? sources.get(namespace) : undefined);
    versions.set(`${namespace} ${version}`, one);
    if (isSource) sources.set(namespace, one);
    if (!other || other.sha256 === sha256) return [];
    return [
      problem(
        file,
        `its namespace ${namespace} is also that of ${other.file}`,
        "Remove one of the two files, or give one another namespace.",
      ),
    ];
  });
};

const installedAs = (type: string, file: string): string =>
  `${type}/${path.posix.basename(file).toLowerCase()}`;

/** The problems of files that would be installed as one file. Some file systems have no case. */
const sameName = (files: readonly Identified[], published: Published): BuildProblem[] => {
  const owners = new Map<string, string>(
    publishedVersions(published).map(({ plugin, version }) => [
      installedAs(plugin.type, version.artifact),
      plugin.namespace,
    ]),
  );
  return files.flatMap((one) => {
    const { file, type, namespace } = one;
    const installed = installedAs(type, publishedPath(one));
    const owner = owners.get(installed) ?? namespace;
    owners.set(installed, owner);
    if (owner === namespace) return [];
    return [
      problem(
        file,
        `its name is that of the file of ${owner}, and both are installed in one folder`,
        "Rename it.",
      ),
    ];
  });
};

/** The first line of an error of a load check, which says what is wrong with the file. */
const vetProblem = (file: string, error: unknown): BuildProblem => {
  if (!isHitagiError(error)) throw error;
  return problem(file, error.message.split("\n", 1)[0] ?? error.message, error.hint);
};

/**
 * The checks of authors on one source.
 * @param source its absolute path
 */
export type CheckSource = (source: string) => Promise<Finding[]>;

interface Checks {
  vet: VetFile;
  check: CheckSource | undefined;
  signal: AbortSignal;
}

export interface NewVersions {
  versions: NewVersion[];
  /** Manifests of files that are published, and were loaded again. */
  known: VettedFile[];
  problems: BuildProblem[];
  warnings: Finding[];
}

const findingProblem = (file: string, finding: Finding): BuildProblem => ({
  ...problem(file, finding.message, finding.hint),
  finding,
});

/** Finds the versions that are new among the files that loaded, and checks their sources. */
const findNew = async (
  vetted: readonly VettedFile[],
  published: Published,
  check: CheckSource | undefined,
  found: NewVersions,
): Promise<void> => {
  for (const one of vetted) {
    const judged = judge(one, published);
    if (judged === "published") found.known.push(one);
    else if (judged !== "new") found.problems.push(judged);
    else {
      const findings = (await check?.(one.source)) ?? [];
      const errors = findings.filter(({ severity }) => severity === "error");
      found.warnings.push(...findings.filter(({ severity }) => severity !== "error"));
      found.problems.push(...errors.map((finding) => findingProblem(one.file, finding)));
      if (errors.length === 0) found.versions.push({ ...one, artifact: artifactOf(one) });
    }
  }
};

/** What is wrong with a file that does not load: what the checks say, with the line, or the error of the load. */
const loadProblems = async (
  { file, source }: PluginFile,
  error: unknown,
  check: CheckSource | undefined,
): Promise<BuildProblem[]> => {
  const one = vetProblem(file, error);
  const findings = (await check?.(source)) ?? [];
  const errors = findings.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? errors.map((finding) => findingProblem(file, finding)) : [one];
};

/**
 * Loads the files that are not published yet, each in its sandbox, and finds the versions that are new.
 * @param needsManifest whether a published file is loaded too
 */
export const findNewVersions = async (
  files: readonly PluginFile[],
  published: Published,
  { vet, check, signal }: Checks,
  needsManifest: (index: RegistryIndex["plugins"][string], version: string) => boolean,
): Promise<NewVersions> => {
  const found: NewVersions = { versions: [], known: [], problems: [], warnings: [] };
  const all = publishedVersions(published);
  const vetted: VettedFile[] = [];
  const identified: Identified[] = [];
  const failed: { one: PluginFile; error: unknown }[] = [];
  await pLimit(PARALLEL).map([...files], async (one) => {
    const { file, bytes, bundledAs } = one;
    const sha256 = sha256Of(bytes);
    const identity = { file, sha256, ...(bundledAs !== undefined && { bundledAs }) };
    const same = all.find(({ version }) => isFileOf(version, publishedPath(one), sha256));
    if (same) {
      const { namespace, type } = same.plugin;
      identified.push({ ...identity, namespace, type, version: same.version.version });
    }
    if (same && !needsManifest(same.plugin, same.version.version)) return;
    try {
      const manifest = await vet(path.posix.basename(publishedPath(one)), bytes, signal);
      vetted.push({ ...one, sha256, manifest });
      if (!same) identified.push({ ...identity, ...manifest });
    } catch (error) {
      // One that is published stays, whether it loads or not.
      if (!same) failed.push({ one, error });
    }
  });
  vetted.sort((a, b) => (a.file < b.file ? -1 : 1));
  await findNew(vetted, published, check, found);
  for (const { one, error } of failed) found.problems.push(...(await loadProblems(one, error, check)));
  identified.sort((a, b) => (a.file < b.file ? -1 : 1));
  found.problems.push(...sameNamespace(identified), ...sameName(identified, published));
  return found;
};
