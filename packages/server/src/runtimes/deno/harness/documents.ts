type Linkedom = typeof import("linkedom");

let linkedom: Linkedom | undefined;

/** The parser takes about 30 ms to set up, so that only plugins that use it pay for it. */
const parser = (): Linkedom => {
  linkedom ??= require("linkedom") as Linkedom;
  return linkedom;
};

/** A document of HTML; a fragment becomes the body of one. */
export const parseHtml = (text: unknown): unknown => {
  const html = String(text);
  const whole = /<(html|body)[\s>]/i.test(html);
  return parser().parseHTML(whole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`)
    .document;
};

/** A document of XML, with names in the case that they are written in. */
export const parseXml = (text: unknown): unknown =>
  new (parser().DOMParser)().parseFromString(String(text).replace(/^\uFEFF?\s*/, ""), "text/xml");
