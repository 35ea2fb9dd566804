import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import { HitagiError, isHitagiError, MAX_ARTIFACT_BYTES, type Manifest } from "@hitagi/contract";
import { checkManifest } from "../runtimes/manifest-check.ts";
import type { PluginCode } from "../runtimes/types.ts";
import type { Artifacts } from "../store/types.ts";
import type { PluginFile } from "./scan-files.ts";

/** LANraragi's time for the load check. */
const VET_TIMEOUT_MS = 20_000;

/** What a plugin file holds, or why that cannot be told. */
export type PluginRead =
  | { found: PluginFile; code: PluginCode; manifest: Manifest }
  | { found: PluginFile; reason: string; error?: unknown };

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
  try {
    const source = await readBounded(found.file);
    const sha256 = createHash("sha256").update(source).digest("hex");
    if (expected !== undefined && sha256 !== expected) {
      return { found, reason: "its file is not the one that was installed" };
    }
    const filename = path.basename(found.file);
    const provisional = { namespace: path.parse(filename).name.toLowerCase(), sha256, filename, source };
    const manifest = (await artifacts.manifest(sha256)) ?? (await vet(found, provisional, artifacts));
    const unavailable = await found.runtime.unavailable();
    if (unavailable !== undefined) return { found, reason: unavailable };
    return { found, manifest, code: { ...provisional, namespace: manifest.namespace } };
  } catch (error) {
    return { found, reason: reasonOf(error), error };
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
  const handle = await open(file, "r");
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

/** No file may keep the others from running, so nothing is thrown, and the log gets the error itself. */
const reasonOf = (error: unknown): string => {
  if (isHitagiError(error)) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? "it could not be checked" : `its file could not be read (${code})`;
};
