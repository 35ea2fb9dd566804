/** The supported part of the DOM. The names differ from the DOM's own types, which a plugin may also use. */
export interface MarkupNode {
  readonly nodeName: string;
  textContent: string | null;
  readonly parentElement: MarkupElement | null;
}

/** Finds elements by CSS selector. */
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

/** A document of `ctx.html` or `ctx.xml`. Scripts do not run, and nothing is loaded. */
export interface MarkupDocument extends Queryable {
  readonly documentElement: MarkupElement | null;
}
