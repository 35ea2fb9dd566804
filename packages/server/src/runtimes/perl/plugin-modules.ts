import path from "node:path";
import type { PluginCode, PluginModule } from "../types.ts";

/** Packages of other plugins in one process. */
const MAX_MODULES = 16;
/** Packages and functions that are looked for in one file. */
const MAX_NAMES = 1000;

const NAMED = /\bLANraragi::Plugin::\w+(?:::\w+){0,7}/g;
const DECLARED = /^[ \t]*package[ \t]+(LANraragi::Plugin::\w+(?:::\w+){0,7})/gm;
const COMMENTS = /(?:^|\s)#.*|^=[a-zA-Z][\s\S]*?(?:^=cut\b.*$|(?![\s\S]))/gm;

interface Names {
  /** The plugin's package: the one named after its file, else the first. */
  own: string | undefined;
  /** Packages outside of the file that it names, also those around the names of functions. */
  wanted: ReadonlySet<string>;
}

/** A name and the packages that it may be in: `LANraragi::Plugin::A::b` is one, or the function b of `LANraragi::Plugin::A`. */
const packagesOf = (name: string): string[] => {
  const parts = name.split("::");
  return parts.slice(2).map((_, n) => parts.slice(0, n + 3).join("::"));
};

const namesIn = ({ source, filename }: PluginCode): Names => {
  const code = source.toString("latin1").replace(COMMENTS, "");
  const declared = new Set([...code.matchAll(DECLARED)].map(([, name = ""]) => name));
  const ending = `::${path.parse(filename).name}`;
  const [first] = declared;
  const own = [...declared].find((name) => name.endsWith(ending)) ?? first;
  const named = [...new Set(code.match(NAMED))].slice(0, MAX_NAMES).map(packagesOf);
  const others = named.filter((packages) => !packages.some((name) => declared.has(name)));
  return { own, wanted: new Set(others.flat()) };
};

const namesOf = (() => {
  const known = new WeakMap<Buffer, Names>();
  return (code: PluginCode): Names => {
    const names = known.get(code.source) ?? namesIn(code);
    known.set(code.source, names);
    return names;
  };
})();

/**
 * The plugins by their packages. Further packages of a file count for nothing, because a plugin could declare one of another
 * plugin there; and one that two plugins have is neither's.
 */
const byPackage = (installed: readonly PluginCode[]): Map<string, PluginCode> => {
  const found = new Map<string, PluginCode>();
  const repeated = new Set<string>();
  for (const code of installed) {
    const { own } = namesOf(code);
    if (own === undefined) continue;
    if (found.has(own)) repeated.add(own);
    found.set(own, code);
  }
  for (const name of repeated) found.delete(name);
  return found;
};

const fileOf = (name: string): string => `${name.replaceAll("::", "/")}.pm`;

/**
 * Finds the packages of installed plugins that a plugin names, and those that they name. The last one comes first, so that
 * each is loaded after those that it uses.
 * @param installed the code of all Perl plugins that run
 */
export const createModuleFinder =
  (installed: () => readonly PluginCode[]) =>
  (code: PluginCode): readonly PluginModule[] => {
    if (namesOf(code).wanted.size === 0) return [];
    const packages = byPackage(installed());
    const found: PluginModule[] = [];
    const visited = new Set([code.source]);
    const visit = (one: PluginCode): void => {
      const { wanted } = namesOf(one);
      if (wanted.size === 0) return;
      for (const [name, other] of packages) {
        if (!wanted.has(name) || visited.has(other.source) || found.length >= MAX_MODULES) continue;
        visited.add(other.source);
        visit(other);
        found.push({ file: fileOf(name), code: other });
      }
    };
    visit(code);
    return found;
  };
