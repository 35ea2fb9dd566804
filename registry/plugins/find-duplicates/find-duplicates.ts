import type { ListedArchive, ScriptPlugin } from "@hitagi/sdk";
import { allArchives, valuesOf } from "../../shared/all-archives.ts";
import { sourceOf } from "../../shared/tags.ts";

const comparable = (title: string): string =>
  title
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/** What archives may have in common, the surest first: the values that are compared. */
const REASONS: Readonly<Record<string, (archive: ListedArchive) => string[]>> = {
  pages: ({ tags }) => valuesOf(tags, "pages_hash"),
  source: ({ tags }) => valuesOf(tags, "source").map((address) => sourceOf(address).toLowerCase()),
  title: ({ title }) => [comparable(title)],
};

const groupsOf = (archives: readonly ListedArchive[], keysOf: (archive: ListedArchive) => string[]) => {
  const groups = new Map<string, ListedArchive[]>();
  for (const archive of archives)
    for (const key of new Set(keysOf(archive)))
      if (key !== "") groups.set(key, [...(groups.get(key) ?? []), archive]);
  return [...groups.values()].filter(({ length }) => length > 1);
};

const shown = ({ id, title, path, pages, size }: ListedArchive) => ({ id, title, path, pages, size });

export default {
  namespace: "find-duplicates",
  type: "script",
  name: "Find duplicates",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Lists archives with the same pages (by the tags of Page fingerprint), the same source, or the same title. Changes nothing.",
  oneshot_arg: "What is compared: pages, source or title; without it, all three",
  permissions: { library: "read" },
  async run({ arg, library }) {
    const asked = arg.trim().toLowerCase();
    if (asked !== "" && !(asked in REASONS)) throw new Error("Compare one of: pages, source, title.");
    const archives = await allArchives(library);
    const seen = new Set<string>();
    const groups = Object.entries(REASONS)
      .filter(([same]) => asked === "" || same === asked)
      .flatMap(([same, keysOf]) =>
        groupsOf(archives, keysOf).map((group) => ({ same, archives: group.map(shown) })),
      )
      // The same archives are listed once, with the surest reason.
      .filter(({ archives: group }) => {
        const ids = group
          .map(({ id }) => id)
          .sort()
          .join();
        return !seen.has(ids) && seen.add(ids);
      });
    const withoutFingerprint = archives.filter(
      ({ tags }) => valuesOf(tags, "pages_hash").length === 0,
    ).length;
    return { archives: archives.length, withoutFingerprint, groups };
  },
} satisfies ScriptPlugin;
