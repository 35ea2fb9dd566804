// Prints how many bytes of script and style the page has, as a browser receives them.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const built = path.join(root, "packages/server/dist/web");

/** A file as the build keeps it: compressed, if it is large. */
const storedAs = (file) => (existsSync(`${file}.br`) ? `${file}.br` : file);

const textOf = (file) => {
  const stored = storedAs(file);
  const bytes = readFileSync(stored);
  return (stored === file ? bytes : brotliDecompressSync(bytes)).toString();
};

/** What a file loads with it: of a script its static imports, which the built code names beside itself. */
const importsOf = (file) => {
  const text = textOf(file);
  return [...text.matchAll(/(?:import|from)\s*"\.\/([^"]+)"/g)].map(([, file]) => file);
};

const withImports = (assets, entries) => {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    if (name.endsWith(".js")) importsOf(path.join(assets, name)).forEach(visit);
  };
  entries.forEach(visit);
  return [...seen];
};

/**
 * Measures the built page.
 * @param {string} dist the folder that it was built into
 * @returns `first`: what Home loads in English; `all`: every file of one language; `chunks`: the names of the files without their hash
 */
export const measurePage = (dist = built) => {
  const assets = path.join(dist, "assets");
  const sizeOf = (name) => statSync(storedAs(path.join(assets, name))).size;
  const sum = (files) => ({ files, bytes: files.reduce((total, file) => total + sizeOf(file), 0) });
  const index = textOf(path.join(dist, "index.html"));
  const named = [...index.matchAll(/\/assets\/([^"]+\.(?:js|css))/g)].map(([, file]) => file);
  const files = readdirSync(assets)
    .map((file) => file.replace(/\.br$/, ""))
    .filter((file) => /\.(js|css)$/.test(file));
  const ofHome = files.filter((file) => /^(home|en)-/.test(file));
  const other = /^((places-)?(ja|zh)|longer)-/;
  return {
    first: sum(withImports(assets, [...named, ...ofHome])),
    all: sum(files.filter((file) => !other.test(file))),
    chunks: [...new Set(files.map((file) => file.replace(/-[\w-]{8}\.(js|css)$/, "")))],
  };
};

// The bundled benchmark has this file in it.
if (path.basename(process.argv[1] ?? "") === "measure-page.mjs") {
  const { first, all } = measurePage();
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`first view: ${kib(first.bytes)} in ${first.files.length} files, of 180 KiB`);
  console.log(`all pages:  ${kib(all.bytes)}, of 350 KiB`);
}
