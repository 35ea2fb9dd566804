import { evaluate } from "./deno-api.ts";

/** The HTML and XML parser as a script; the harness's build inserts it. */
declare const HTML_PARSER_SOURCE: string;

type Parser = Pick<typeof import("linkedom"), "DOMParser" | "parseHTML"> &
  Pick<typeof import("saxes"), "SaxesParser">;

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

/** The line of the first `&` that begins no reference, outside of CDATA and comments; the parser reports it far behind. */
const lineOfBareAmpersand = (xml: string): number | undefined => {
  const hidden = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g;
  const plain = xml.replace(hidden, (text) => text.replace(/[^\n]/g, ""));
  const at = plain.search(/&(?!#\d+;|#x[\da-f]+;|[a-z_:][\w.:-]*;)/i);
  return at < 0 ? undefined : plain.slice(0, at).split("\n").length;
};

/** Throws with line and reason where XML is not well-formed: the document's parser guesses, and text would end up in another element. */
const checkWellFormed = (xml: string): void => {
  const { SaxesParser } = loadParser();
  const parser = new SaxesParser();
  parser.on("error", ({ message }) => {
    const ampersand = lineOfBareAmpersand(xml);
    const [, found = message] = /^\d+:\d+: (.*?)\.?$/s.exec(message) ?? [];
    const reason = ampersand === undefined ? found : "& must be written as &amp;";
    throw new Error(`The XML is malformed in line ${ampersand ?? parser.line}: ${reason}.`);
  });
  parser.write(xml).close();
};

/** An XML document; names keep their case. */
export const parseXml = (text: unknown): unknown => {
  const xml = String(text).replace(/^\uFEFF?\s*/, "");
  checkWellFormed(xml);
  const { DOMParser } = loadParser();
  return new DOMParser().parseFromString(xml, "text/xml");
};
