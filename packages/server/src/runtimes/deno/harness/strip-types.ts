import * as nodeModule from "node:module";
import { decodeBytes } from "./encoding.ts";
import { moduleParser } from "./module-parser.ts";
import { ModuleSyntaxError, type Position } from "./module-syntax.ts";

/** Deno's own compiler, in what Node's documentation calls the modes strip and transform. */
const { stripTypeScriptTypes: stripWithDeno } = nodeModule as unknown as {
  stripTypeScriptTypes(code: string, options: { mode: "strip" | "transform"; sourceMap?: boolean }): string;
};

/** JavaScript made of TypeScript. */
export interface Stripped {
  code: string;
  /** The source map as JSON text; absent if every position is that of the source. */
  map?: string;
}

/** What Deno writes behind the code that it made. */
const MAP_COMMENT = /\n\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;

/** The reason and the place in a message of Deno, which has an excerpt of the source between them. */
const syntaxError = (e: unknown): unknown => {
  if (!(e instanceof SyntaxError)) return e;
  const reason = e.message.split("\n", 1)[0]?.replace(/^SyntaxError: /, "") ?? "";
  const [, line, column] = /:(\d+):(\d+)\s*$/.exec(e.message) ?? [];
  return new ModuleSyntaxError(reason, { line: Number(line ?? 1), column: Number(column ?? 1) });
};

/** Enumerations, namespaces and parameter properties are code, so that Deno writes the whole file anew. */
const transform = (source: string, filename: string): Stripped => {
  const output = stripWithDeno(source, { mode: "transform", sourceMap: true });
  const base64 = MAP_COMMENT.exec(output)?.[1];
  if (base64 === undefined) throw new Error("Deno made no source map");
  const map = JSON.parse(new TextDecoder().decode(decodeBytes({ base64 }))) as object;
  return {
    code: output.replace(MAP_COMMENT, "\n"),
    map: JSON.stringify({ ...map, sources: [filename], sourcesContent: undefined }),
  };
};

/** Replaces types by spaces. If some types are code, it makes new code with a source map. @throws ModuleSyntaxError */
export const stripTypes = (source: string, filename: string): Stripped => {
  try {
    return { code: stripWithDeno(source, { mode: "strip" }) };
  } catch {
    try {
      return transform(source, filename);
    } catch (e) {
      throw syntaxError(e);
    }
  }
};

/** The position in the source of one in the stripped code. */
export const sourcePosition = ({ map }: Stripped, { line, column }: Position): Position => {
  if (map === undefined) return { line, column };
  const { TraceMap, originalPositionFor } = moduleParser();
  const found = originalPositionFor(new TraceMap(map), { line, column: column - 1 });
  return found.line === null ? { line, column } : { line: found.line, column: found.column + 1 };
};
