import { HitagiError, type IndexPlugin, type IndexVersion, isHitagiError } from "@hitagi/contract";
import pLimit from "p-limit";
import type { VetFile } from "../catalog/generate-index.ts";
import type { IndexIssue } from "../catalog/index-rules.ts";
import type { Resolved } from "../catalog/types.ts";
import { sha256Of } from "../disk/sha256.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { OfferedFile } from "./offered-files.ts";
import { managedTarget } from "./steps/install-target.ts";
import { manifestMismatch } from "./steps/verify-artifact.ts";

interface FileCheckDeps {
  runtimes: readonly Runtime[];
  /** Reads a file of the registry. @throws HitagiError */
  read: (artifact: string) => Promise<Buffer>;
  vet: VetFile;
  signal: AbortSignal;
}

/** A file that could not be loaded on this machine, because its runtime is not there. */
interface UncheckedFile {
  file: string;
  reason: string;
}

/** Files that are loaded at once: each is a process. */
const PARALLEL = 4;

/** The version as an install would choose it. */
const asResolved = (plugin: IndexPlugin, version: IndexVersion): Resolved => ({
  registry: "",
  registryName: "",
  plugin,
  version,
  seen: [],
  accepted: 0,
  isGenerated: false,
});

/**
 * Finds what no install would take in the files of an index: file names, one file of two plugins, missing files, other hashes,
 * and files that do not load as the plugin that the index says.
 */
export const checkFiles = async (
  files: readonly OfferedFile[],
  { runtimes, read, vet, signal }: FileCheckDeps,
): Promise<{ issues: IndexIssue[]; unchecked: UncheckedFile[] }> => {
  const issues: IndexIssue[] = [];
  const unchecked: UncheckedFile[] = [];
  /** The plugins by the path of their installed file. Some file systems have no case. */
  const owners = new Map<string, string>();

  /** @returns the name of the file; undefined where it has no valid one or cannot run here */
  const nameOf = async ({ plugin, version, pointer, isNamed }: OfferedFile): Promise<string | undefined> => {
    if (!isNamed) return undefined;
    try {
      const target = await managedTarget(asResolved(plugin, version), runtimes);
      const owner = owners.get(target.path.toLowerCase()) ?? plugin.namespace;
      owners.set(target.path.toLowerCase(), owner);
      if (owner !== plugin.namespace)
        issues.push({
          path: `${pointer}/artifact`,
          reason: `is installed as ${target.path}, which is the file of ${owner}`,
        });
      return target.filename;
    } catch (error) {
      if (isHitagiError(error, "RUNTIME_UNAVAILABLE"))
        unchecked.push({ file: version.artifact, reason: String(error.params.reason) });
      else if (isHitagiError(error)) issues.push({ path: `${pointer}/artifact`, reason: error.message });
      else throw error;
      return undefined;
    }
  };

  const load = async (filename: string, bytes: Buffer, { plugin, version }: OfferedFile): Promise<void> => {
    const manifest = await vet(filename, bytes, signal);
    const mismatch = manifestMismatch(manifest, asResolved(plugin, version));
    if (mismatch) throw mismatch;
  };

  const check = async (offered: OfferedFile, filename: string | undefined): Promise<void> => {
    const { version, pointer } = offered;
    try {
      const bytes = await read(version.artifact);
      const actual = sha256Of(bytes);
      if (actual !== version.sha256)
        issues.push({ path: `${pointer}/sha256`, reason: `is not that of the file, which is ${actual}` });
      else if (filename !== undefined) await load(filename, bytes, offered);
    } catch (error) {
      if (!(error instanceof HitagiError)) throw error;
      issues.push({ path: `${pointer}/artifact`, reason: error.message });
    }
  };

  const named: [OfferedFile, filename: string | undefined][] = [];
  for (const offered of files) named.push([offered, await nameOf(offered)]);
  await pLimit(PARALLEL).map(named, ([offered, filename]) => check(offered, filename));
  return { issues: issues.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path))), unchecked };
};
