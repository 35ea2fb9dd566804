/** What a plugin can rely on in a parsed document; named apart from the DOM's types, which a plugin may also have. */
export interface MarkupNode {
  readonly nodeName: string;
  textContent: string | null;
  readonly parentElement: MarkupElement | null;
}

/** Where to look things up by CSS selector. */
interface Queryable {
  querySelector(selector: string): MarkupElement | null;
  querySelectorAll(selector: string): Iterable<MarkupElement> & { readonly length: number };
}

/** One element of a parsed page or XML file. */
export interface MarkupElement extends MarkupNode, Queryable {
  readonly tagName: string;
  readonly id: string;
  readonly className: string;
  readonly children: Iterable<MarkupElement> & { readonly length: number };
  readonly nextElementSibling: MarkupElement | null;
  readonly previousElementSibling: MarkupElement | null;
  innerHTML: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  closest(selector: string): MarkupElement | null;
  matches(selector: string): boolean;
}

/** A page or an XML file, as `ctx.html` and `ctx.xml` answer it. Scripts in it are not run, nothing is loaded. */
export interface MarkupDocument extends Queryable {
  readonly documentElement: MarkupElement | null;
}
