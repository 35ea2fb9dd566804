import { encodeBytes } from "./encoding.ts";
import { type ModuleSyntax, ModuleSyntaxError, type Position, readModuleSyntax } from "./module-syntax.ts";
import { type Stripped, sourcePosition, stripTypes } from "./strip-types.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The author's kit. It has only types, but `import { type X }` still requests the module. */
const SDK = "@hitagi/sdk";

const HINT = "put the code that it needs into this file";
const TYPES_HINT = `${HINT}, and write "import type" for types`;
const MAX_NAME = 100;

const NOT_LINE_ENDS = /[^\n\r\u2028\u2029]/g;

/** Replaces comments and imports by spaces. Lines and columns stay; a `;` keeps the statements around an import apart. */
const blank = (code: string, { comments, requests }: ModuleSyntax): string => {
  const ranges = [
    ...comments.map(({ start, end }) => ({ start, end, first: " " })),
    ...requests.map(({ start, end }) => ({ start, end, first: ";" })),
  ].sort((a, b) => a.start - b.start);
  let written = 0;
  const parts: string[] = [];
  for (const { start, end, first } of ranges) {
    // A comment within an import.
    if (start < written) continue;
    parts.push(code.slice(written, start), first, code.slice(start + 1, end).replace(NOT_LINE_ENDS, " "));
    written = end;
  }
  return parts.join("") + code.slice(written);
};

const refusal = (name: string | undefined, filename: string): string => {
  if (name === undefined) return `a plugin cannot import at run time; ${HINT}`;
  const hint = filename.toLowerCase().endsWith(".ts") ? TYPES_HINT : HINT;
  return `a plugin cannot import ${JSON.stringify(name.slice(0, MAX_NAME))}; ${hint}`;
};

/** Leaves out comments and imports of the author's kit. @throws ModuleSyntaxError if it requests any other module */
const withoutRequests = (code: string, filename: string): string => {
  const syntax = readModuleSyntax(code);
  const refused = syntax.requests.find(({ isImport, name }) => !isImport || name !== SDK);
  if (refused) throw new ModuleSyntaxError(refusal(refused.name, filename), refused.position);
  return blank(code, syntax);
};

/** The bytes that run are parsed too, not only those that they are made of. */
const assertSelfContained = (code: string): void => {
  const { requests, comments } = readModuleSyntax(code);
  if (requests.length > 0 || comments.length > 0) throw new Error("the plugin could not be checked");
};

/** Never at the start of a line of this file: Deno would take it for the map of the file itself. */
const mapComment = (map: string): string =>
  `//# sourceMappingURL=data:application/json;base64,${encodeBytes(encoder.encode(map)).base64}`;

const located = (e: unknown, stripped: Stripped | undefined, filename: string): unknown => {
  if (!(e instanceof ModuleSyntaxError)) return e;
  const at: Position = stripped ? sourcePosition(stripped, e.position) : e.position;
  return new Error(`${filename}:${at.line}:${at.column}: ${e.message}`);
};

/**
 * The JavaScript of a plugin's file. It requests no module: one could hold code that was not checked. It has no comment:
 * one could name a file that Deno reads as a source map. Both are decided on the syntax tree, never on the text.
 * @throws Error for the plugin's author, with file, line and column
 */
export const toPluginModule = (source: string, filename: string): string => {
  // As the engine gets it: without a byte-order mark or half a surrogate pair.
  const text = decoder.decode(encoder.encode(source));
  let stripped: Stripped | undefined;
  try {
    stripped = filename.toLowerCase().endsWith(".ts") ? stripTypes(text, filename) : { code: text };
    const code = withoutRequests(stripped.code, filename);
    assertSelfContained(code);
    return stripped.map === undefined ? code : [code, mapComment(stripped.map)].join("\n");
  } catch (e) {
    throw located(e, stripped, filename);
  }
};

const SAMPLE =
  'export default { type: "x", async run({ a = 1 }) { for (const b of [a]) if (/x/.test(b)) return b; } }; // x';

/** Makes the first plugin load faster: the parser is compiled while the process waits. */
export const prepareParser = (): void => {
  toPluginModule(SAMPLE, "sample.ts");
};
