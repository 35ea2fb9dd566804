import createSanitiser from "dompurify";
import { Marked } from "marked";

/** All elements that a text may have. Headings begin below those of the page. */
const TAGS = [
  ...["p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr", "br"],
  ...["a", "code", "kbd", "em", "strong", "b", "i", "del", "sub", "sup", "img"],
  ...["table", "thead", "tbody", "tr", "th", "td"],
];
/** All attributes. None has a style, a class or a name that something else could refer to. */
const ATTRIBUTES = ["href", "title", "src", "alt", "start"];

const LINK = /^(?:https?:\/\/|mailto:)/i;
const IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;

const sanitiser = createSanitiser(window);

sanitiser.addHook("uponSanitizeAttribute", (element, attribute) => {
  const { attrName, attrValue } = attribute;
  if (attrName === "src") attribute.keepAttr = element.tagName === "IMG" && IMAGE.test(attrValue);
  if (attrName === "href") attribute.keepAttr = LINK.test(attrValue);
});
sanitiser.addHook("afterSanitizeAttributes", (element) => {
  // An image of another place is not loaded: what it shows is said in words.
  if (element.tagName === "IMG" && !element.hasAttribute("src"))
    element.replaceWith(element.getAttribute("alt") ?? "");
  if (element.tagName !== "A" || !element.hasAttribute("href")) return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer nofollow");
});

const SHIFT = 2;
const reader = new Marked({
  gfm: true,
  // HTML in the text is left out before it is read as such.
  renderer: { html: () => "" },
  walkTokens: (token) => {
    if (token.type === "heading") token.depth = Math.min(token.depth + SHIFT, 6);
  },
});

/** Makes the elements of a Markdown text that may be shown: those of an allow-list, without scripts, styles and foreign images. */
export const toFragment = (text: string): DocumentFragment =>
  sanitiser.sanitize(reader.parse(text, { async: false }), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
