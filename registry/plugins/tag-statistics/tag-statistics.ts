import type { ScriptPlugin } from "@hitagi/sdk";
import { allArchives } from "../../shared/all-archives.ts";

const parameters = {
  top: { type: "int", desc: "How many of the most frequent tags to list", default_value: 20 },
} as const;

/** "" for a tag without one. */
const namespaceOf = (tag: string): string =>
  tag.includes(":") ? tag.slice(0, tag.indexOf(":")).toLowerCase() : "";

const countOf = (names: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/** The most frequent first; equals by name. */
const ranked = (counts: ReadonlyMap<string, number>): [name: string, count: number][] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

export default {
  namespace: "tag-statistics",
  type: "script",
  name: "Tag statistics",
  version: "1.0.0",
  author: "Hitagi",
  description: "Counts the tags of the library, by namespace and by tag. Changes nothing.",
  oneshot_arg: "A namespace, to count its tags only",
  parameters,
  permissions: { library: "read" },
  async run({ arg, library, settings }) {
    const only = arg.trim().replace(/:$/, "").toLowerCase();
    const archives = await allArchives(library);
    const lists = archives.map(({ tags }) => tags.filter((tag) => only === "" || namespaceOf(tag) === only));
    const tags = countOf(lists.flat().map((tag) => tag.toLowerCase()));
    const distinct = countOf([...tags.keys()].map(namespaceOf));
    const having = countOf(lists.flatMap((list) => [...new Set(list.map(namespaceOf))]));
    return {
      archives: archives.length,
      untagged: lists.filter(({ length }) => length === 0).length,
      tags: tags.size,
      usedOnce: [...tags.values()].filter((count) => count === 1).length,
      namespaces: ranked(having).map(([namespace, count]) => ({
        namespace,
        archives: count,
        tags: distinct.get(namespace) ?? 0,
      })),
      most: ranked(tags)
        .slice(0, Math.max(0, settings.top))
        .map(([tag, count]) => ({ tag, archives: count })),
    };
  },
} satisfies ScriptPlugin<typeof parameters>;
