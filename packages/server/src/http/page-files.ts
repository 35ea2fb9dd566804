import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One file of the page, in memory, with its compressed forms. */
export interface PageFile {
  type: string;
  bytes: Buffer;
  /** By their name in Accept-Encoding. */
  encoded: ReadonlyMap<string, Buffer>;
  etag: string;
  /** Whether its name has the hash of its content, so that it never changes. */
  isHashed: boolean;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

/** The endings of compressed files beside a file, the smallest first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

const readFile = (folder: string, name: string): PageFile => {
  const file = path.join(folder, name);
  const bytes = readFileSync(file);
  const encoded = ENCODINGS.flatMap(([encoding, ending]): [string, Buffer][] =>
    existsSync(file + ending) ? [[encoding, readFileSync(file + ending)]] : [],
  );
  return {
    type: TYPES[path.extname(name)] ?? "application/octet-stream",
    bytes,
    encoded: new Map(encoded),
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
    isHashed: name.startsWith("assets/"),
  };
};

/**
 * Reads the built page: less than 2 MB with its compressed forms.
 * @returns each file by its path in addresses; empty if the page is not built
 */
export const readPageFiles = (folder: string): ReadonlyMap<string, PageFile> => {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.extname(entry.name) in TYPES)
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
  return new Map(names.map((name) => [`/${name}`, readFile(folder, name)]));
};
