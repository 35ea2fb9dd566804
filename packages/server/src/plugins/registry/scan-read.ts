import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import {
  HitagiError,
  isHitagiError,
  MAX_ARTIFACT_BYTES,
  type Manifest,
  type Namespace,
  toNamespace,
} from "@hitagi/contract";
import type { Artifacts } from "../../artifacts/types.ts";
import { codeOf } from "../../disk/errno.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { checkManifest } from "../../runtimes/manifest-check.ts";
import type { PluginCode } from "../../runtimes/types.ts";
import type { PluginFile } from "./scan-files.ts";

/** LANraragi's time for the load check. */
const VET_TIMEOUT_MS = 20_000;

/** What a plugin file holds, or why that cannot be told. */
export type PluginRead = Readable | Unreadable;

export interface Readable {
  found: PluginFile;
  code: PluginCode;
  manifest: Manifest;
}

export interface Unreadable {
  found: PluginFile;
  /** What it once was here, or what its name suggests. */
  namespace: Namespace;
  reason: string;
  /** A fault of this program, for the log. */
  error?: unknown;
}

/**
 * Reads a plugin file and its manifest: the one that was kept when these bytes were vetted, else the one that its
 * runtime reads now. The process that did is not kept, because nobody may call this plugin for long.
 * @param expected the sha256 that the file must have, where it is recorded; other bytes are not loaded
 */
export const readPlugin = async (
  found: PluginFile,
  artifacts: Artifacts,
  expected: string | undefined,
): Promise<PluginRead> => {
  const filename = path.basename(found.file);
  let namespace = toNamespace(path.parse(filename).name);
  const not = (reason: string): Unreadable => ({ found, namespace, reason });
  if (found.isLink) return not("it is a link, and links are not followed");
  try {
    const source = await readBounded(found.file);
    const sha256 = sha256Of(source);
    if (expected !== undefined && sha256 !== expected) {
      return not("its file is not the one that was installed");
    }
    const provisional = { namespace, sha256, filename, source };
    const kept = await artifacts.manifest(sha256);
    if (kept) namespace = kept.namespace;
    const unavailable = await found.runtime.unavailable();
    if (unavailable !== undefined) return not(unavailable);
    const manifest = kept ?? (await vet(found, provisional, artifacts));
    return { found, manifest, code: { ...provisional, namespace: manifest.namespace } };
  } catch (error) {
    return { ...not(reasonOf(error)), ...(isHitagiError(error) ? {} : { error }) };
  }
};

const vet = async ({ runtime }: PluginFile, code: PluginCode, artifacts: Artifacts): Promise<Manifest> => {
  try {
    const manifest = checkManifest(await runtime.vet(code, VET_TIMEOUT_MS));
    await artifacts.put(code.source, manifest);
    return manifest;
  } finally {
    runtime.retire(code);
  }
};

/** One byte more than a plugin may have is enough to know that the file is none. */
const readBounded = async (file: string): Promise<Buffer> => {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const { size } = await handle.stat();
    if (size > MAX_ARTIFACT_BYTES) {
      throw new HitagiError("LOAD_FAILED", { reason: `it is larger than ${MAX_ARTIFACT_BYTES} bytes` });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
};

/**
 * No file may keep the others from running, so nothing is thrown. Only the first line of what a runtime says is told:
 * the next ones quote the file, whose content is nothing for a log.
 */
const reasonOf = (error: unknown): string => {
  if (isHitagiError(error)) return error.message.split("\n", 1)[0] ?? "";
  const code = codeOf(error);
  return code === undefined ? "it could not be checked" : `its file could not be read (${code})`;
};
