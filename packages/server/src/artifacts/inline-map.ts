import path from "node:path";

/** The extensions of files whose maps are taken out. */
const SCRIPTS = new Set([".ts", ".js", ".mjs"]);

const COMMENT = Buffer.from("\n//# sourceMappingURL=data:application/json;");
const BASE64 = /^(?:charset=[\w-]{1,20};)?base64,([A-Za-z0-9+/]*={0,2})\s*$/;

/** A plugin's file in two parts. */
export interface SplitFile {
  /** The code, in which every line and column is that of the file. */
  code: Buffer;
  /** The source map as base64. */
  map: string | undefined;
}

/**
 * Takes the inline source map out of a bundled plugin: the comment on the last line of its file (ECMA-426 §11). Only base64 may
 * follow the comment, so that nothing but a comment is taken out. It works in linear time, and does not look into the map.
 */
export const splitInlineMap = (filename: string, source: Buffer): SplitFile => {
  if (!SCRIPTS.has(path.extname(filename).toLowerCase())) return { code: source, map: undefined };
  const at = source.lastIndexOf(COMMENT);
  if (at < 0) return { code: source, map: undefined };
  const [, map] = BASE64.exec(source.toString("latin1", at + COMMENT.length)) ?? [];
  return map === undefined ? { code: source, map } : { code: source.subarray(0, at + 1), map };
};

/** The bytes of a plugin's file that count against the limit of its size: without its inline source map. */
export const codeBytes = (filename: string, source: Buffer): number =>
  splitInlineMap(filename, source).code.length;
