import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import { makeFolder } from "../disk/folders.ts";
import { sha256Of } from "../disk/sha256.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { Bundle } from "./bundle/bundle.ts";
import { checkPlugin } from "./check/check-plugin.ts";
import type { Finding } from "./check/types.ts";
import type { Sandbox } from "./sandbox.ts";

/** A plugin as it is published. */
export interface PackedPlugin {
  manifest: Manifest;
  bytes: number;
  sha256: string;
  /** Whether it is more than its source. */
  isBundled: boolean;
  weight: Bundle["weight"];
  packages: { name: string; version: string; licence: string | null }[];
}

/** A plugin that must not be published as it is. */
export class PackRefused extends Error {
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super("The plugin cannot be packed.");
    this.name = new.target.name;
    this.findings = findings;
  }
}

export interface PackOptions {
  /** The absolute path of the source. */
  file: string;
  /** The absolute path of the file to write. */
  out: string;
  /** Findings name files relative to this folder. */
  base: string;
  /** Adds an inline source map, so that errors name places in the sources. */
  sourceMap?: boolean | undefined;
  /** Called with the plugin that is written next. What it throws stops the write. */
  beforeWrite?(manifest: Manifest): Promise<void>;
}

/**
 * Writes a plugin as one file: the same sources give the same bytes. It was loaded in the sandbox before.
 * @throws PackRefused, and then nothing is written; HitagiError DISK_FULL; the file system's error
 */
export const packPlugin = async (
  sandbox: Sandbox,
  { file, out, base, sourceMap = false, beforeWrite }: PackOptions,
): Promise<PackedPlugin> => {
  const { plugin, bundle, findings } = await checkPlugin(sandbox, file, base, { runs: false });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (!plugin || !bundle || errors.length > 0) throw new PackRefused(errors);
  sandbox.retire(plugin);
  const code = sourceMap ? bundle.codeWithMap : bundle.code;
  await beforeWrite?.(plugin.manifest);
  await makeFolder(path.dirname(out));
  await writeWhole({ file: out, content: code, mode: 0o644 });
  return {
    manifest: plugin.manifest,
    bytes: code.length,
    sha256: sha256Of(code),
    isBundled: bundle.isBundled,
    weight: bundle.weight,
    packages: bundle.packages.map(({ name, version, licence = null }) => ({ name, version, licence })),
  };
};
