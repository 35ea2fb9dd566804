import type { Library, ListedArchive } from "@hitagi/sdk";

/** Every archive of the library. */
export const allArchives = async (library: Library): Promise<ListedArchive[]> => {
  const all: ListedArchive[] = [];
  for (;;) {
    const { total, archives } = await library.list(all.length);
    all.push(...archives);
    if (archives.length === 0 || all.length >= total) return all;
  }
};

/** The values of an archive's tags in a namespace. */
export const valuesOf = (tags: readonly string[], namespace: string): string[] =>
  tags
    .filter((tag) => tag.toLowerCase().startsWith(`${namespace.toLowerCase()}:`))
    .map((tag) => tag.slice(namespace.length + 1).trim());
