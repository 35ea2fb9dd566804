import { evaluate } from "./deno-api.ts";

/** The parser of modules as a script; the harness's build inserts it. */
declare const MODULE_PARSER_SOURCE: string;

type Parser = Pick<typeof import("acorn"), "parse"> &
  Pick<typeof import("@jridgewell/trace-mapping"), "TraceMap" | "originalPositionFor">;

let parser: Parser | undefined;

/** Evaluated apart from the harness, which would otherwise start more slowly. */
export const moduleParser = (): Parser => {
  parser ??= evaluate(MODULE_PARSER_SOURCE, "module-parser.js") as Parser;
  return parser;
};
