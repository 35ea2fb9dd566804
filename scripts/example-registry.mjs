import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";

export const registryFolder = path.resolve(import.meta.dirname, "../examples/registry");

/** What the files themselves do not say: when each was published, and what one that does not load would say. */
const readPublications = async (folder) =>
  JSON.parse(await readFile(path.join(folder, "publications.json"), "utf8"));

const artifactsIn = async (folder) => {
  const found = await readdir(path.join(folder, "plugins"), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
};

/** Evaluates a plugin of this repository, which is trusted, and answers its default export. */
const manifestOf = async (source) => {
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  const module = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
  return module.default;
};

/** The fields of a Perl plugin that are plain text: these of this repository have them as `name => "text",`. */
const perlInfoOf = (source) =>
  Object.fromEntries(
    [...source.matchAll(/^ {8}(\w+) +=> "([^"]*)",$/gm)].map(([, name, text]) => [name, text]),
  );

const readManifest = (artifact, source) =>
  artifact.endsWith(".pm") ? perlInfoOf(source) : manifestOf(source);

const entryOf = async (folder, artifact, publication) => {
  if (!publication) throw new Error(`publications.json does not say when ${artifact} was published`);
  const bytes = await readFile(path.join(folder, artifact));
  const manifest = publication.manifest ?? (await readManifest(artifact, bytes.toString("utf8")));
  const { namespace, type, version, name, author, description } = manifest;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const published_at = publication.published_at;
  return { namespace, type, version: { version, name, author, description, artifact, sha256, published_at } };
};

/**
 * The text of registry.json for a folder: the same for the same files, wherever and whenever it is made.
 * Plugins stand in the order of their namespaces, versions in that of their files.
 */
export const buildIndex = async (folder) => {
  const publications = await readPublications(folder);
  const plugins = {};
  for (const artifact of await artifactsIn(folder)) {
    const { namespace, type, version } = await entryOf(folder, artifact, publications[artifact]);
    plugins[namespace] ??= { namespace, type, versions: {} };
    plugins[namespace].versions[version.version] = version;
  }
  const generated_at = Object.values(publications)
    .map(({ published_at }) => published_at)
    .sort()
    .at(-1);
  const sorted = Object.fromEntries(Object.entries(plugins).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ version: 1, generated_at, plugins: sorted }, null, 2)}\n`;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(path.join(registryFolder, "registry.json"), await buildIndex(registryFolder));
}
