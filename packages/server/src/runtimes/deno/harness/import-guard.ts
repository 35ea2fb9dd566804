/** White space and comments between two tokens (ECMA-262 §12.2-12.4). */
const GAP = String.raw`(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n\r\u2028\u2029]*)*`;

/** `import(…)`, `import.defer(…)` and `import.source(…)`, but not `import.meta`. Keywords cannot contain escapes. */
const DYNAMIC = new RegExp(String.raw`\bimport${GAP}(?:\(|\.${GAP}(?!meta\b))`);

/** The module that an import or export statement names, in its quotes. */
const STATIC = new RegExp(String.raw`\b(?:import|from)${GAP}(?:"([^"\n\r]*)"|'([^'\n\r]*)')`, "g");

/** Characters that URLs ignore (URL Standard §4.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const IGNORED_IN_URLS = /[\x00-\x20]/g;

const TEXT_SCHEME = /^(?:data|blob):/i;

/** Comments that name a source map, which Deno reads without asking for a permission. */
const SOURCE_MAP_COMMENT = /source(Mapping)?URL/g;

const lineOf = (source: string, at: number): number => source.slice(0, at).split("\n").length;

/**
 * Rejects or removes the parts of a plugin's source that make Deno read other text, which no permission governs: modules
 * made of text at run time, whose comments are not checked, and comments that name a source map. Permissions and the
 * import map reject all other imports (files, Node's modules, the web). The check looks at the text, not the grammar:
 * words in strings and comments count too.
 * @returns the source to evaluate
 * @throws Error that names the line and what is rejected
 */
export const guardImports = (source: string): string => {
  const dynamic = DYNAMIC.exec(source);
  if (dynamic) throw new Error(`line ${lineOf(source, dynamic.index)}: a plugin cannot import at run time`);
  for (const found of source.matchAll(STATIC)) {
    const name = found[1] ?? found[2] ?? "";
    if (!name.includes("\\") && !TEXT_SCHEME.test(name.replace(IGNORED_IN_URLS, ""))) continue;
    throw new Error(`line ${lineOf(source, found.index)}: a plugin cannot import text as a module`);
  }
  // The length stays, so that positions in stack traces stay right.
  return source.replace(SOURCE_MAP_COMMENT, (word) => word.replace("URL", "Url"));
};
