import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import { codeOf, isDiskFull } from "../../disk/errno.ts";
import { storeError } from "../../disk/errors.ts";
import { exists } from "../../disk/files.ts";
import type { Sandbox } from "../sandbox.ts";
import type { LeftStatement } from "./translate/report.ts";
import { translatePlugin } from "./translate-plugin.ts";

/** A plugin that was written in TypeScript from one in Perl. */
export interface PortedPlugin {
  /** The absolute path of the source in Perl. */
  file: string;
  /** The absolute path of the new source. */
  out: string;
  /** False if it was there already, or nothing is to be written. */
  isWritten: boolean;
  namespace: string;
  type: Manifest["type"];
  /** Statements of its functions; a condition or the head of a loop counts as one. */
  statements: number;
  /** Those that came over. */
  translated: number;
  /** Hosts that the source names. */
  hosts: string[];
  left: LeftStatement[];
}

/** The file that would be written is there already. */
export class PortTargetExists extends Error {
  readonly file: string;
  constructor(file: string) {
    super(`${file} exists already.`);
    this.name = new.target.name;
    this.file = file;
  }
}

export interface PortOptions {
  /** The absolute path to write; by default `<namespace>.ts` beside the source. */
  out?: string | undefined;
  /** Translates only. */
  dryRun?: boolean;
  /** A file that is there already is no error. */
  keepsOld?: boolean;
}

/**
 * Writes a plugin in Perl as one in TypeScript: its manifest as the sandbox reads it, and what of its functions can be translated.
 * @param file the absolute path of the source in Perl
 * @throws PortTargetExists, and then nothing is written; HitagiError LOAD_FAILED, MANIFEST_INVALID, RUNTIME_UNAVAILABLE, DISK_FULL;
 *   PerlSyntaxError
 */
export const portPlugin = async (
  sandbox: Sandbox,
  file: string,
  { out, dryRun = false, keepsOld = false }: PortOptions = {},
): Promise<PortedPlugin> => {
  const bytes = await readFile(file);
  const plugin = await sandbox.load(path.basename(file), bytes);
  sandbox.retire(plugin);
  const { manifest } = plugin;
  const { namespace, type } = manifest;
  const target = out ?? path.join(path.dirname(file), `${namespace}.ts`);
  const { text, hosts, report } = translatePlugin(bytes.toString("utf8"), manifest, path.basename(file));
  const isKept = dryRun || (keepsOld && (await exists(target)));
  if (!isKept) await writeNew(target, text);
  return { file, out: target, isWritten: !isKept, namespace, type, ...report, hosts };
};

/** Writes a file that is not there yet; one that cannot be written whole is removed. */
const writeNew = async (file: string, content: string): Promise<void> => {
  try {
    await writeFile(file, content, { flag: "wx" });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new PortTargetExists(file);
    if (isDiskFull(error)) await rm(file, { force: true });
    throw isDiskFull(error) ? storeError(error) : error;
  }
};
