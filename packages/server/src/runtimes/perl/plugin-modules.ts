import type { PluginCode, PluginModule } from "../types.ts";

/** Packages of other plugins in one process. */
const MAX_MODULES = 16;

const NAMED = /\bLANraragi::Plugin::\w+(?:::\w+)*/g;
const DECLARED = /^[ \t]*package[ \t]+(LANraragi::Plugin::\w+(?:::\w+)*)/gm;
const COMMENTS = /(?:^|\s)#.*|^=[a-zA-Z][\s\S]*?(?:^=cut\b.*$|(?![\s\S]))/gm;

interface Names {
  declared: ReadonlySet<string>;
  /** Packages and functions of packages. */
  named: readonly string[];
}

const namesIn = (source: Buffer): Names => {
  const code = source.toString("latin1").replace(COMMENTS, "");
  return {
    declared: new Set([...code.matchAll(DECLARED)].map(([, name = ""]) => name)),
    named: [...new Set(code.match(NAMED))],
  };
};

const namesOf = (() => {
  const known = new WeakMap<Buffer, Names>();
  return ({ source }: PluginCode): Names => {
    const names = known.get(source) ?? namesIn(source);
    known.set(source, names);
    return names;
  };
})();

/** Whether a name is a package, or something in it. */
const isIn = (name: string, declared: string): boolean =>
  name === declared || name.startsWith(`${declared}::`);

const fileOf = (name: string): string => `${name.replaceAll("::", "/")}.pm`;

/**
 * Finds the packages of installed plugins that a plugin names, and those that they name. The last one comes first, so that
 * each is loaded after those that it uses.
 * @param installed the code of all Perl plugins that run
 */
export const createModuleFinder =
  (installed: () => readonly PluginCode[]) =>
  (code: PluginCode): readonly PluginModule[] => {
    const found: PluginModule[] = [];
    const visited = new Set([code.source]);
    const visit = (one: PluginCode): void => {
      const own = namesOf(one).declared;
      const others = namesOf(one).named.filter((name) => ![...own].some((declared) => isIn(name, declared)));
      if (others.length === 0) return;
      for (const other of installed()) {
        if (visited.has(other.source) || found.length >= MAX_MODULES) continue;
        const used = [...namesOf(other).declared].filter((declared) =>
          others.some((name) => isIn(name, declared)),
        );
        if (used.length === 0) continue;
        visited.add(other.source);
        visit(other);
        found.push(...used.map((name) => ({ file: fileOf(name), code: other })));
      }
    };
    visit(code);
    return found;
  };
