import path from "node:path";
import {
  HitagiError,
  isHitagiError,
  MAX_ARTIFACT_BYTES,
  MAX_ARTIFACT_FILE_BYTES,
  type Manifest,
  type Namespace,
  toNamespace,
} from "@hitagi/contract";
import type { Logger } from "pino";
import { codeBytes } from "../../artifacts/inline-map.ts";
import type { Artifacts } from "../../artifacts/types.ts";
import { codeOf } from "../../disk/errno.ts";
import { readBeginning } from "../../disk/regular-files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { checkManifest } from "../../runtimes/manifest-check.ts";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { PluginRecord, PluginStore } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";
import { activePlugin, recordedFields, unavailablePlugin } from "./active-plugin.ts";
import type { PluginFile } from "./plugin-files.ts";

/** LANraragi's time for the load check. */
const VET_TIMEOUT_MS = 20_000;

/** A plugin file that does not run. */
export interface RejectedFile {
  /** The namespace of the file's manifest, or its stem where the manifest cannot be read. */
  namespace: Namespace;
  /** Relative to the plugins folder, with `/`; null for a builtin. */
  path: string | null;
  reason: string;
}

interface ReadFile {
  code: PluginCode;
  manifest: Manifest;
}

interface UnreadFile extends Pick<RejectedFile, "namespace" | "reason"> {
  /** An error of this program, for the log. */
  error?: unknown;
}

/**
 * Loads code in its runtime's sandbox, where no request can reach it, and reads its manifest.
 * @throws HitagiError LOAD_FAILED, LOAD_CHECK_FAILED, MANIFEST_INVALID
 */
export const loadManifest = async (
  runtime: Runtime,
  code: PluginCode,
  signal?: AbortSignal,
): Promise<Manifest> => {
  checkSize(code);
  return checkManifest(await runtime.vet(code, VET_TIMEOUT_MS, signal), runtime.name === "perl");
};

/**
 * Reads a plugin file and its manifest: the one that was kept when these bytes were vetted, else the one that its
 * runtime reads now. Never throws: one file must not keep the others from running.
 * @param expected the sha256 that the file must have, if it is recorded; other bytes are not loaded
 */
export const readPlugin = async (
  { file, isLink, runtime }: PluginFile,
  artifacts: Artifacts,
  expected?: string,
): Promise<ReadFile | UnreadFile> => {
  const filename = path.basename(file);
  let namespace = toNamespace(path.parse(filename).name);
  if (isLink) return { namespace, reason: "it is a link, and links are not followed" };
  try {
    const source = await readBounded(file);
    const sha256 = sha256Of(source);
    if (expected !== undefined && sha256 !== expected) {
      return { namespace, reason: "its file is not the one that was installed" };
    }
    const stored = await artifacts.manifest(sha256);
    const code = { namespace, sha256, filename, source };
    namespace = stored?.namespace ?? declaredNamespace(source) ?? namespace;
    const unavailable = await runtime.unavailable();
    if (unavailable !== undefined) return { namespace, reason: unavailable };
    const manifest = stored ?? (await vet(runtime, code, artifacts));
    return { manifest, code: { ...code, namespace: manifest.namespace } };
  } catch (error) {
    return { namespace, reason: reasonOf(error), ...(!isHitagiError(error) && { error }) };
  }
};

/** The process of the load check ends at once, because a first call may be far away. */
const vet = async (runtime: Runtime, code: PluginCode, artifacts: Artifacts): Promise<Manifest> => {
  try {
    const manifest = await loadManifest(runtime, code);
    await artifacts.put(code.source, manifest);
    return manifest;
  } finally {
    runtime.retire(code);
  }
};

/** The namespace that a file names, so that a plugin that does not load keeps its own. */
const declaredNamespace = (source: Buffer): Namespace | undefined => {
  const [, name] =
    /\bnamespace["']?\s*(?:=>|:)\s*["'`]([A-Za-z0-9_-]{1,64})["'`]/.exec(source.toString("latin1")) ?? [];
  return name === undefined ? undefined : toNamespace(name);
};

const tooLarge = (limit: number): HitagiError =>
  new HitagiError("LOAD_FAILED", { reason: `it is larger than ${limit} bytes` });

/** Without its source map. @throws HitagiError LOAD_FAILED */
const checkSize = ({ filename, source }: Pick<PluginCode, "filename" | "source">): void => {
  if (codeBytes(filename, source) > MAX_ARTIFACT_BYTES) throw tooLarge(MAX_ARTIFACT_BYTES);
};

const readBounded = async (file: string): Promise<Buffer> => {
  const source = await readBeginning(file, MAX_ARTIFACT_FILE_BYTES + 1);
  if (source.length > MAX_ARTIFACT_FILE_BYTES) throw tooLarge(MAX_ARTIFACT_FILE_BYTES);
  checkSize({ filename: path.basename(file), source });
  return source;
};

/** Only the first line of a runtime's error is logged: the next ones quote the file. */
const reasonOf = (error: unknown): string => {
  if (isHitagiError(error)) return error.message.split("\n", 1)[0] ?? "";
  const code = codeOf(error);
  return code === undefined ? "it could not be checked" : `its file could not be read (${code})`;
};

export interface LoadDeps {
  store: Pick<PluginStore, "get" | "register">;
  artifacts: Artifacts;
  runtimes: readonly Runtime[];
  log: Pick<Logger, "warn">;
}

/** A plugin file becomes an active plugin, which may be one that cannot run, or is rejected. */
export type Loaded = { plugin: ActivePlugin } | { rejected: RejectedFile };

/**
 * Loads a plugin file, and logs why it does not run.
 * @param record the record that names the file
 */
export const loadPlugin = async (
  deps: LoadDeps,
  found: PluginFile,
  record: PluginRecord | undefined,
): Promise<Loaded> => {
  const { provenance } = record ?? {};
  const read = checkName(await readPlugin(found, deps.artifacts, provenance?.sha256), record);
  const plugin = "manifest" in read ? await runnable(deps, found, read) : undefined;
  if (plugin) return { plugin };
  const { namespace, reason, error } = "manifest" in read ? withoutRecord(read) : read;
  if (record !== undefined && provenance !== undefined) {
    deps.log.warn(
      { plugin: record.namespace, file: found.path, reason, err: error },
      "an installed plugin is not run; compare it by `hitagi verify`, then roll it back or install it again",
    );
    return { plugin: await unavailablePlugin(deps, record, provenance, { state: "broken", reason }) };
  }
  deps.log.warn(
    { file: found.path ?? found.file, reason, err: error },
    "a plugin file is not run; correct or remove it, then start again",
  );
  return { rejected: { namespace, path: found.path, reason } };
};

/** A recorded file must have the namespace of its record. */
const checkName = (read: ReadFile | UnreadFile, record: PluginRecord | undefined): ReadFile | UnreadFile => {
  if (!("manifest" in read) || record === undefined) return read;
  const { namespace } = read.manifest;
  if (record.namespace === namespace) return read;
  return { namespace, reason: `its file says that it is ${namespace}` };
};

/** Without its record, a plugin would lose its quarantine, and a builtin would have more permissions than its owner left it. */
const withoutRecord = ({ manifest: { namespace } }: ReadFile): UnreadFile => ({
  namespace,
  reason: "its record in the store cannot be used; `hitagi doctor` names it",
});

/** @returns undefined if its record is bad. A plugin without a record has just got one */
const runnable = async (
  { store }: LoadDeps,
  { origin, path, runtime }: PluginFile,
  { manifest, code }: ReadFile,
): Promise<ActivePlugin | undefined> => {
  const { namespace, type } = manifest;
  await (origin === "sideloaded" && path
    ? store.register(namespace, type, path)
    : store.register(namespace, type));
  const record = await store.get(namespace);
  if (record === undefined) return undefined;
  const registry = (origin === "managed" && record.provenance?.registry) || null;
  const { granted, health } = recordedFields({ origin, manifest, runtime: runtime.name }, record);
  return activePlugin(
    { manifest, origin, runtime: runtime.name, path, registry, code, granted },
    record,
    health,
  );
};
