// The libraries of other people that the server's package contains or asks for, with their licences. A build writes them into the
// package; the page shows its own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What the package.json of a library does not say in a form that tells it. */
const STATED = {
  "7z-wasm": "LGPL-2.1-or-later, with the restriction of unRAR: its code makes no RAR archives (License.txt)",
};

/** Tools that are dependencies because a build from the sources runs them. Nothing of them ships, nor of types. */
const TOOLS = ["vite"];

/** Libraries of the server that are there for some platforms only; the text names them. */
const PLATFORM = ["sharp", "@napi-rs/canvas"];

const isOwn = (name) => name.startsWith("@hitagi/");

const manifestIn = (folder) => JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));

/** The folder of a library, as Node resolves its name from there; undefined where it is not installed. */
const folderOf = (name, from) => {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, "node_modules", name);
    if (existsSync(path.join(found, "package.json"))) return found;
    if (folder === path.dirname(folder)) return undefined;
  }
};

/** The first line of a library's licence that names its holder. */
const copyrightIn = (folder) => {
  for (const file of readdirSync(folder).filter((name) => /^(licen[cs]e|copying)/i.test(name))) {
    const line = /^.*copyright \(?(?:c\)|©|\d{4}).*$/im.exec(readFileSync(path.join(folder, file), "utf8"));
    if (line) return line[0].replace(/^[\s*#>/]+/, "").trim();
  }
  return "";
};

/** What a library says of itself. @param {string} folder */
export const libraryIn = (folder) => {
  const { name, version, license = "" } = manifestIn(folder);
  return { name, version, licence: STATED[name] ?? license, copyright: copyrightIn(folder) };
};

/** Optional and peer libraries that are installed, without those that hold a program of one platform: a bundle has them too. */
const optionalIn = (folder) => {
  const { optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestIn(folder);
  const names = Object.keys({ ...optionalDependencies, ...peerDependencies, ...peerDependenciesMeta });
  return names.filter((name) => {
    const place = folderOf(name, folder);
    return place && !PLATFORM.includes(name) && !manifestIn(place).os && !manifestIn(place).cpu;
  });
};

/** Names of the libraries that a package needs itself. @param {string} folder */
export const directDependencies = (folder) => {
  const { dependencies = {} } = manifestIn(folder);
  return Object.keys(dependencies).filter(
    (name) => !isOwn(name) && !TOOLS.includes(name) && !name.startsWith("@types/"),
  );
};

/** All libraries that a package of this repository and its other packages need, by name. @param {string[]} packages */
export const thirdParty = (packages = ["server", "web"]) => {
  const found = new Map();
  const walk = (folder) => {
    const { dependencies = {}, devDependencies = {} } = manifestIn(folder);
    const own = Object.keys({ ...dependencies, ...devDependencies }).filter(isOwn);
    for (const name of [...directDependencies(folder), ...optionalIn(folder), ...own]) {
      const place = folderOf(name, folder);
      if (!place) throw new Error(`${name} is not installed, which ${folder} needs`);
      if (found.has(place)) continue;
      found.set(place, isOwn(name) ? undefined : libraryIn(place));
      walk(place);
    }
  };
  for (const name of packages) walk(path.join(root, "packages", name));
  const listed = [...found.values()].filter((library) => library !== undefined);
  return listed.sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
};

/** The list as a file for people. */
export const thirdPartyText = () => `# Libraries of other people

Hitagi is under the licence in LICENSE. Its package contains parts of these libraries, or installs them. The text of each licence is in
the package of that name at https://www.npmjs.com.

Where they exist for the machine, npm also installs \`sharp\` (Apache-2.0, with libvips under LGPL-3.0-or-later) and \`@napi-rs/canvas\` (MIT).
Perl, bubblewrap, git and Redis are programs of their own, which Hitagi does not contain.

${thirdParty()
  .map(
    ({ name, version, licence, copyright }) =>
      `- ${name} ${version}: ${licence}${copyright && `. ${copyright}`}`,
  )
  .join("\n")}
`;
