import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Metafile } from "esbuild";

/** An npm package of which code is in a bundle. */
export interface BundledPackage {
  name: string;
  version: string;
  /** As its package.json names it (SPDX); undefined if it names none. */
  licence: string | undefined;
  /** The text of its licence file. */
  text: string | undefined;
}

/** The folder of the package that a file belongs to; undefined for the author's own files. */
const packageFolder = (file: string): string | undefined => {
  const [, folder] = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(file) ?? [];
  return folder;
};

const readPackage = async (folder: string): Promise<BundledPackage> => {
  const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const { name, version, license } = manifest as Record<string, unknown>;
  const names = await readdir(folder);
  const file = names.sort().find((one) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(one));
  const text = file && (await readFile(path.join(folder, file), "utf8").catch(() => undefined));
  return {
    name: String(name),
    version: String(version),
    licence: typeof license === "string" ? license : undefined,
    text: text?.trim() || undefined,
  };
};

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The packages in a bundle, and what each part weighs. */
export const packagesIn = async (
  metafile: Metafile,
  folder: string,
): Promise<{ packages: BundledPackage[]; weight: { name: string; bytes: number }[] }> => {
  const bytes = new Map<string, number>();
  const folders = new Set<string>();
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  for (const [input, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const of = packageFolder(path.resolve(folder, input));
    const name = of?.replace(/^.*[/\\]node_modules[/\\]/, "").replaceAll("\\", "/") ?? input;
    if (of && bytesInOutput > 0) folders.add(of);
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
  }
  const read = await Promise.all([...folders].sort().map(readPackage));
  // By name: the order of the folders depends on where they lie.
  const packages = read.sort((a, b) => compareText(a.name, b.name) || compareText(a.version, b.version));
  const weight = [...bytes].map(([name, size]) => ({ name, bytes: size }));
  return { packages, weight: weight.sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name)) };
};

/** A comment with the licences of packages, which most of them ask for. Empty without packages. */
export const licenceText = (packages: readonly BundledPackage[]): string => {
  if (packages.length === 0) return "";
  const parts = packages.map(
    ({ name, version, licence = "no licence is named", text }) =>
      `${name} ${version} (${licence})${text ? `\n\n${text}` : ""}`,
  );
  const body = ["This file contains:", ...parts].join("\n\n").replaceAll("*/", "* /");
  const lines = body.split(/\r?\n/).map((line) => ` * ${line}`.trimEnd());
  return `/*!\n${lines.join("\n")}\n */\n`;
};
