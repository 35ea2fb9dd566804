import path from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  HitagiError,
  type IndexPlugin,
  type IndexVersion,
  isHitagiError,
  MAX_ARTIFACT_FILE_BYTES,
  MAX_SKIPPED_LISTED,
  type Manifest,
  type RegistryIndex,
} from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { utcTime } from "../clock.ts";
import { sha256Of } from "../disk/sha256.ts";
import type { FileTree, TreeFile, TreeOptions } from "../sources/types.ts";
import type { Skipped } from "./index-entry.ts";
import type { CheckedIndex } from "./index-examine.ts";
import { composeIndex } from "./index-text.ts";
import { isPluginFolder, isPluginPath, isPluginText } from "./plugin-files.ts";
import { createSeenComparison, findSeen, type SeenLines } from "./seen-versions.ts";

/** The limits of a repository whose index is generated. */
export const pluginTree: Omit<TreeOptions, "timeoutMs"> = {
  accepts: isPluginPath,
  enters: isPluginFolder,
  maxFiles: 1000,
  maxFileBytes: MAX_ARTIFACT_FILE_BYTES,
  maxBytes: 32 * 1024 * 1024,
};

/**
 * Loads a plugin file in the sandbox of its runtime, and answers its manifest.
 * @throws HitagiError LOAD_FAILED, LOAD_CHECK_FAILED, MANIFEST_INVALID, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE
 */
export type VetFile = (filename: string, bytes: Buffer, signal: AbortSignal) => Promise<Manifest>;

/** Load checks of one registry at once: each is a process. Other registries have their own. */
const PARALLEL = 2;
/** Milliseconds of all load checks of one refresh. What is left is loaded by the next refresh. */
const MAX_VET_MS = 2 * 60_000;
/** Load checks of one refresh that may fail to end, before no further file is loaded: each takes up to 20 s. */
const MAX_STUCK = 3;
/** Files whose load check failed, and that are not loaded again for some time. */
const MAX_FAILED = 10_000;
/** Seconds after which a file that did not load is tried again: a module, a newer perl or another plugin may be there then. */
export const RETRY_SECONDS = 600;
const MAX_REASON = 300;

/** A plugin of an index with its only version. */
type Entry = Pick<IndexPlugin, "namespace" | "type"> & { version: IndexVersion };

/** What became of a file: an entry, or the reason why there is none. */
type Outcome = { file: string } & ({ entry: Entry } | { problem: string });

interface GenerateRequest {
  tree: FileTree;
  /** The index that was generated before. */
  before: Buffer | undefined;
  seen: SeenLines;
  /** Epoch seconds. */
  now: number;
  signal?: AbortSignal | undefined;
}

/** `isFinal` is false where a file could not be checked, so that another try may have another result. */
export interface GeneratedIndex {
  checked: CheckedIndex;
  isFinal: boolean;
}

/** Identifies what a load check depends on: perl chooses among the packages of a file by its name. */
const keyOf = (file: string, sha256: string): string => `${sha256} ${path.posix.basename(file)}`;

/** The entries of an index, by the files that they are of. */
const entriesOf = (index: Buffer | undefined): Map<string, Entry> => {
  const { plugins }: Pick<RegistryIndex, "plugins"> = index ? JSON.parse(index.toString()) : { plugins: {} };
  return new Map(
    Object.values(plugins).flatMap(({ namespace, type, versions }) =>
      Object.values(versions).map((version) => [
        keyOf(version.artifact, version.sha256),
        { namespace, type, version },
      ]),
    ),
  );
};

/** Adds build metadata to a version (SemVer 2.0.0 §10). */
const withBuild = (version: string, build: string): string =>
  `${version}${version.includes("+") ? "." : "+"}${build}`;

/**
 * The version that an index gives a file: as it is written; and where that was seen with other bytes, with the commit, or without
 * one the hash.
 */
const versionFor = async (
  { namespace, version }: Pick<Manifest, "namespace" | "version">,
  sha256: string,
  { tree, seen }: GenerateRequest,
): Promise<string> => {
  const known = await findSeen(seen, namespace, version);
  const same = known.find((one) => one.sha256 === sha256);
  if (same) return same.version;
  const isNew = !known.some((one) => one.version === version);
  return isNew ? version : withBuild(version, (tree.commit ?? sha256).slice(0, 12));
};

const reasonOf = ({ message }: HitagiError): string => {
  const [line = ""] = message.split("\n", 1);
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line;
};

/** Of several files with one namespace none is offered, because it is unknown which one is meant. */
const withoutDuplicates = (outcomes: readonly Outcome[]): Outcome[] => {
  const files = new Map<string, string[]>();
  for (const one of outcomes) {
    if (!("entry" in one)) continue;
    const { namespace } = one.entry;
    files.set(namespace, [...(files.get(namespace) ?? []), one.file]);
  }
  return outcomes.map((one) => {
    if (!("entry" in one)) return one;
    const others = files.get(one.entry.namespace)?.filter((file) => file !== one.file) ?? [];
    if (others.length === 0) return one;
    const problem = `its namespace ${one.entry.namespace} is also that of ${others.join(", ")}`;
    return { file: one.file, problem: problem.slice(0, MAX_REASON) };
  });
};

const skippedOf = (outcomes: readonly Outcome[]): Skipped => {
  const problems = outcomes.flatMap((one) =>
    "problem" in one ? [{ path: one.file, reason: one.problem }] : [],
  );
  return { list: problems.slice(0, MAX_SKIPPED_LISTED), count: problems.length };
};

/** The document of the entries, as the check of a registry.json would answer it. */
const composeChecked = (outcomes: readonly Outcome[], { tree, seen, now }: GenerateRequest): CheckedIndex => {
  const comparison = createSeenComparison(Buffer.concat(seen), now);
  const plugins = outcomes.flatMap((one) => {
    if (!("entry" in one)) return [];
    const { namespace, type, version } = one.entry;
    comparison.offer(namespace, version.version, version.sha256);
    const { artifact: _, sha256: __, ...texts } = version;
    const entry: IndexPlugin = { namespace, type, versions: { [version.version]: version } };
    return [{ summary: { namespace, type, ...texts, versions: 1 }, entry: JSON.stringify(entry) }];
  });
  const generated_at = utcTime(tree.time);
  const index = composeIndex(generated_at, "", plugins);
  return { ...index, generated_at, skipped: skippedOf(outcomes), seen: comparison.change() };
};

/**
 * Generates the index of a repository or folder that has no registry.json: the plugin files, each loaded in its sandbox. A file
 * that was loaded for the index before, or in vain a short time ago, is not loaded again.
 */
export const createIndexGenerator = (vet: VetFile) => {
  const failed = new LRUCache<string, { problem: string; at: number }>({ max: MAX_FAILED });

  const load = async (
    file: string,
    bytes: Buffer,
    sha256: string,
    request: GenerateRequest,
    signal: AbortSignal,
  ): Promise<Entry> => {
    const manifest = await vet(path.posix.basename(file), bytes, signal);
    const { namespace, type, name, author, description } = manifest;
    return {
      namespace,
      type,
      version: {
        version: await versionFor(manifest, sha256, request),
        ...{ name, author, description: description || name },
        ...{ artifact: file, sha256, published_at: utcTime(request.tree.time) },
      },
    };
  };

  const generate = async (request: GenerateRequest): Promise<GeneratedIndex> => {
    const known = entriesOf(request.before);
    const timeout = AbortSignal.timeout(MAX_VET_MS);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    let isFinal = true;
    let stuck = 0;

    /** Why no further file is loaded; undefined while files are. */
    const whyEnded = (): string | undefined => {
      if (timeout.aborted) return "those of other files took too long";
      return stuck >= MAX_STUCK ? `those of ${stuck} other files could not be ended in time` : undefined;
    };

    const outcomeOf = async (file: TreeFile): Promise<Outcome[]> => {
      if ("problem" in file) return [{ file: file.path, problem: file.problem }];
      if (!isPluginText(file.path, file.bytes)) return [];
      const sha256 = sha256Of(file.bytes);
      const key = keyOf(file.path, sha256);
      const before = known.get(key);
      if (before)
        return [
          { file: file.path, entry: { ...before, version: { ...before.version, artifact: file.path } } },
        ];
      const failure = failed.get(key);
      if (failure && request.now - failure.at < RETRY_SECONDS)
        return [{ file: file.path, problem: failure.problem }];
      const ended = whyEnded();
      try {
        if (ended !== undefined) throw new HitagiError("LOAD_CHECK_FAILED", { reason: ended });
        return [{ file: file.path, entry: await load(file.path, file.bytes, sha256, request, signal) }];
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!isHitagiError(error)) throw error;
        if (isHitagiError(error, "LOAD_CHECK_FAILED")) {
          isFinal = false;
          if (ended === undefined) stuck++;
        } else failed.set(key, { problem: reasonOf(error), at: request.now });
        return [{ file: file.path, problem: reasonOf(error) }];
      }
    };

    const limit = pLimit(PARALLEL);
    const outcomes = await limit.map(request.tree.files, async (file) => {
      await setImmediate();
      return outcomeOf(file);
    });
    return { checked: composeChecked(withoutDuplicates(outcomes.flat()), request), isFinal };
  };

  return generate;
};
