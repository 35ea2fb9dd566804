import { type LibraryAccess, libraryAccessOf, libraryRights } from "@hitagi/contract";
import { type Position, readManifestSource } from "./manifest-source.ts";
import { manifestLine } from "./missing-rights.ts";
import type { MissingRight } from "./types.ts";

const offsetOf = (source: string, { line, column }: Position): number => {
  const before = source.split("\n").slice(0, line - 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
};

const insertAt = (source: string, at: number, text: string): string =>
  source.slice(0, at) + text + source.slice(at);

const quoted = /"[^"\n]*"|'[^'\n]*'/;

/** Adds to what the source has already; undefined where it is written in a way that this program does not read. */
const extended = (source: string, at: number, { permission, value }: MissingRight): string | undefined => {
  const rest = source.slice(at);
  if (permission === "net") {
    const [opening] = /^net["']?\s*:\s*\[/.exec(rest.replace(/^["']/, (quote) => quote)) ?? [];
    const start = opening && at + opening.length;
    if (!start) return undefined;
    const isEmpty = /^\s*\]/.test(source.slice(start));
    return insertAt(source, start, isEmpty ? `"${value}"` : `"${value}", `);
  }
  const found = quoted.exec(rest);
  if (permission !== "library" || !found) return undefined;
  const now = found[0].slice(1, -1) as LibraryAccess;
  const rights = [...libraryRights(now), ...libraryRights(value as LibraryAccess)];
  const start = at + found.index;
  return `${source.slice(0, start)}"${libraryAccessOf(rights)}"${source.slice(start + found[0].length)}`;
};

/**
 * The source with a right in its manifest.
 * @returns undefined where its manifest is written in a way that this program does not read
 */
export const askForRight = async (
  filename: string,
  source: string,
  right: MissingRight,
): Promise<string | undefined> => {
  const manifest = await readManifestSource(filename, source);
  const { permission } = right;
  const own = manifest.find(["permissions", permission]);
  if (own) return extended(source, offsetOf(source, own), right);
  const field = manifestLine(right)
    .replace(/^permissions: \{ /, "")
    .replace(/ \},$/, "");
  const permissions = manifest.find(["permissions"]);
  if (permissions) {
    const at = offsetOf(source, permissions);
    const brace = source.indexOf("{", at);
    if (brace < 0) return undefined;
    const isEmpty = /^\{\s*\}/.test(source.slice(brace));
    return insertAt(source, brace + 1, isEmpty ? ` ${field} ` : ` ${field},`);
  }
  const entry = manifest.entryPoint();
  if (!entry) return undefined;
  const start = offsetOf(source, { line: entry.line, column: 1 });
  const indent = /^\s*/.exec(source.slice(start))?.[0] ?? "";
  return insertAt(source, start, `${indent}${manifestLine(right)}\n`);
};
