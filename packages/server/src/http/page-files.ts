import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync, gzipSync } from "node:zlib";
import { etagOf } from "./etag.ts";

/** How a file is sent, as Accept-Encoding names it; `identity` is the file as it is. */
export type Encoding = "br" | "gzip" | "identity";

/** One file of the page, in memory. */
export interface PageFile {
  type: string;
  /** The entity tag of one of its forms; each has its own (RFC 9110 §8.8.3). */
  etagAs(encoding: Encoding): string;
  /** Whether its name has the hash of its content, so that it never changes. */
  isHashed: boolean;
  /** Its forms, the smallest first. */
  encodings: readonly Encoding[];
  /** One of its forms, made when it is first asked for. */
  bytesAs(encoding: Encoding): Buffer;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

/** The build compresses what is large, and keeps nothing else of it. */
const COMPRESSED = ".br";

const withoutCompressed = (name: string): string =>
  name.endsWith(COMPRESSED) ? name.slice(0, -COMPRESSED.length) : name;

const read = (folder: string, stored: string): PageFile => {
  const name = withoutCompressed(stored);
  const bytes = readFileSync(path.join(folder, stored));
  const isCompressed = name !== stored;
  const forms = new Map<Encoding, Buffer>([[isCompressed ? "br" : "identity", bytes]]);
  const make = (encoding: Encoding): Buffer =>
    encoding === "identity" ? brotliDecompressSync(bytes) : gzipSync(bytesAs("identity"));
  const bytesAs = (encoding: Encoding): Buffer => {
    const form = forms.get(encoding) ?? make(encoding);
    forms.set(encoding, form);
    return form;
  };
  const etag = etagOf(bytes);
  return {
    type: TYPES[path.extname(name)] ?? "application/octet-stream",
    etagAs: (encoding) => (encoding === "identity" ? etag : etag.replace(/"$/, `-${encoding}"`)),
    isHashed: name.startsWith("assets/"),
    encodings: isCompressed ? ["br", "gzip", "identity"] : ["identity"],
    bytesAs,
  };
};

/** The names of the page's files in the build, by their paths in addresses; empty if the page is not built. */
const namesIn = (folder: string): ReadonlyMap<string, string> => {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.extname(withoutCompressed(entry.name)) in TYPES)
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
  return new Map(names.map((name) => [`/${withoutCompressed(name)}`, name]));
};

/**
 * The built page: about 1 MB with the forms that browsers ask for. Nothing is read before the first request.
 * @returns the file at a path of an address; undefined if the page has none there
 */
export const createPageFiles = (folder: string): ((address: string) => PageFile | undefined) => {
  const files = new Map<string, PageFile>();
  let names: ReadonlyMap<string, string> | undefined;
  return (address) => {
    names ??= namesIn(folder);
    const known = files.get(address);
    const stored = names.get(address);
    if (known || stored === undefined) return known;
    const file = read(folder, stored);
    files.set(address, file);
    return file;
  };
};
