/** White space and comments, as they may stand between two tokens (ECMA-262 §12.2-12.4). */
const GAP = String.raw`(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n\r\u2028\u2029]*)*`;

/** `import(…)`, `import.defer(…)` and `import.source(…)`, but not `import.meta`. A keyword cannot be written in escapes. */
const DYNAMIC = new RegExp(String.raw`\bimport${GAP}(?:\(|\.${GAP}(?!meta\b))`);

/** The module that an import or export statement names, as it stands between its quotes. */
const STATIC = new RegExp(String.raw`\b(?:import|from)${GAP}(?:"([^"\n\r]*)"|'([^'\n\r]*)')`, "g");

/** What URLs leave out wherever it stands (URL Standard §4.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const IGNORED_IN_URLS = /[\x00-\x20]/g;

const OWN_TEXT = /^(?:data|blob):/i;

/** Comments by which a module names another file, which Deno then reads without asking for a permission. */
const FILE_COMMENT = /source(Mapping)?URL/g;

const lineOf = (source: string, at: number): number => source.slice(0, at).split("\n").length;

/**
 * The text of a plugin as it may be evaluated. What could make Deno read something else than this text is refused or
 * taken out here, because no permission governs it: a module made of text at run time, whose comments nobody saw, and
 * the comments that name a source map. The rest (files, Node's modules, the web) the permissions and the import map
 * refuse. This looks at the text and not at its grammar: words in a string or a comment count too.
 * @throws Error that says what is refused, and in which line
 */
export const evaluable = (source: string): string => {
  const dynamic = DYNAMIC.exec(source);
  if (dynamic) throw new Error(`line ${lineOf(source, dynamic.index)}: a plugin cannot import at run time`);
  for (const found of source.matchAll(STATIC)) {
    const name = found[1] ?? found[2] ?? "";
    if (!name.includes("\\") && !OWN_TEXT.test(name.replace(IGNORED_IN_URLS, ""))) continue;
    throw new Error(`line ${lineOf(source, found.index)}: a plugin cannot import text as a module`);
  }
  // As long as before, so that places in stack traces stay right.
  return source.replace(FILE_COMMENT, (word) => word.replace("URL", "Url"));
};
