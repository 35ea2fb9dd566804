import { evaluate } from "./deno-api.ts";

/** The HTML and XML parser, bundled as a script; put in when the harness is built. */
declare const PARSER_SOURCE: string;

type Parser = Pick<typeof import("linkedom"), "DOMParser" | "parseHTML">;

let parser: Parser | undefined;

/** Setting it up takes some 30 ms, so that only plugins that use it pay for it. */
const theParser = (): Parser => {
  parser ??= evaluate(PARSER_SOURCE, "parser.js") as Parser;
  return parser;
};

/** A document of HTML; a fragment becomes the body of one. */
export const parseHtml = (text: unknown): unknown => {
  const html = String(text);
  const whole = /<(html|body)[\s>]/i.test(html);
  const { parseHTML } = theParser();
  return parseHTML(whole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`).document;
};

/** A document of XML, with names in the case that they are written in. */
export const parseXml = (text: unknown): unknown => {
  const { DOMParser } = theParser();
  return new DOMParser().parseFromString(String(text).replace(/^\uFEFF?\s*/, ""), "text/xml");
};
