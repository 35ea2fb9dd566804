import type { MetadataContext } from "@hitagi/sdk";

/**
 * What the pattern's first group finds in the address that the user gave, or else in a `source:` tag of the archive.
 * @throws Error for an address that does not fit, so that no other work is taken instead
 */
export const idIn = (
  { arg, archive }: Pick<MetadataContext, "arg" | "archive">,
  address: RegExp,
): string | undefined => {
  const given = arg.trim();
  if (/^https?:\/\//i.test(given)) {
    const id = address.exec(given)?.[1];
    if (id === undefined) throw new Error(`${given} is no address of a work at this site.`);
    return id;
  }
  const sources = archive.tags.filter((tag) => /^source:/i.test(tag));
  return sources.map((tag) => address.exec(tag)?.[1]).find((id) => id !== undefined);
};
