// Builds the page, and keeps its files compressed, where that makes them smaller: the server makes the other forms when a browser first asks for them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const COMPRESSIBLE = new Set([".html", ".js", ".css", ".svg"]);

const compress = (file) => {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const compressed = brotliCompressSync(bytes, { params });
  if (compressed.length >= bytes.length) return;
  writeFileSync(`${file}.br`, compressed);
  rmSync(file);
};

/** @param {string} into the folder, which is emptied first */
export const buildPage = async (into) => {
  const web = path.join(root, "packages", "web");
  // Otherwise a NODE_ENV of the caller's, such as that of a test, brings the libraries' larger forms for development.
  process.env.NODE_ENV = "production";
  await build({ root: web, configFile: path.join(web, "vite.config.ts"), build: { outDir: into } });
  for (const entry of readdirSync(into, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && COMPRESSIBLE.has(path.extname(entry.name)))
      compress(path.join(entry.parentPath, entry.name));
};
