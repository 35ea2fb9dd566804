import type { MarkupDocument, MarkupElement } from "@hitagi/sdk";
import type { InfoFile } from "./info-file.ts";

/** The name of an element without its prefix. */
export const localName = ({ tagName }: Pick<MarkupElement, "tagName">): string =>
  tagName.slice(tagName.indexOf(":") + 1);

/**
 * The root element of an XML file.
 * @param root its name, without a prefix
 * @throws Error that names the file, where it is malformed or something else
 */
export const parseRoot = (
  { xml }: { xml(text: string): MarkupDocument },
  { name, text }: InfoFile,
  root: string,
): MarkupElement => {
  const element = xml(text).documentElement;
  if (!element || localName(element).toLowerCase() !== root.toLowerCase())
    throw new Error(`${name} is no ${root} file.`);
  return element;
};

/** The elements directly below one, by their name without a prefix; all of them without a name. */
export const childrenOf = (element: MarkupElement | undefined, name?: string): MarkupElement[] =>
  [...(element?.children ?? [])].filter((child) => name === undefined || localName(child) === name);

/** The first element at a path of names. */
export const childAt = (element: MarkupElement | undefined, ...path: string[]): MarkupElement | undefined =>
  path.reduce<MarkupElement | undefined>((found, name) => childrenOf(found, name)[0], element);

export const textIn = (element: MarkupElement | undefined): string => element?.textContent?.trim() ?? "";

/** The text at a path of names; "" if there is none. */
export const textAt = (element: MarkupElement | undefined, ...path: string[]): string =>
  textIn(childAt(element, ...path));

/** The texts of all elements of a name below one, without empty ones. */
export const textsIn = (element: MarkupElement | undefined, name: string): string[] =>
  childrenOf(element, name)
    .map(textIn)
    .filter((text) => text !== "");
