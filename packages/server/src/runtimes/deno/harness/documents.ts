import { evaluate } from "./deno-api.ts";

/** The HTML and XML parser as a script; the harness's build inserts it. */
declare const HTML_PARSER_SOURCE: string;

type Parser = Pick<typeof import("linkedom"), "DOMParser" | "parseHTML">;

let parser: Parser | undefined;

/** Evaluated on first use, because that takes some 30 ms. */
const loadParser = (): Parser => {
  parser ??= evaluate(HTML_PARSER_SOURCE, "parser.js") as Parser;
  return parser;
};

/** An HTML document. A fragment becomes the body of one. */
export const parseHtml = (text: unknown): unknown => {
  const html = String(text);
  const whole = /<(html|body)[\s>]/i.test(html);
  const { parseHTML } = loadParser();
  return parseHTML(whole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`).document;
};

/** An XML document; names keep their case. */
export const parseXml = (text: unknown): unknown => {
  const { DOMParser } = loadParser();
  return new DOMParser().parseFromString(String(text).replace(/^\uFEFF?\s*/, ""), "text/xml");
};
