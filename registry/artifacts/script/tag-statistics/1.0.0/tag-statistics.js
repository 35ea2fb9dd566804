// ../../shared/all-archives.ts
var allArchives = async (library) => {
  const all = [];
  for (; ; ) {
    const { total, archives } = await library.list(all.length);
    all.push(...archives);
    if (archives.length === 0 || all.length >= total) return all;
  }
};

// tag-statistics.ts
var parameters = {
  top: { type: "int", desc: "How many of the most frequent tags to list", default_value: 20 }
};
var namespaceOf = (tag) => tag.includes(":") ? tag.slice(0, tag.indexOf(":")).toLowerCase() : "";
var countOf = (names) => {
  const counts = /* @__PURE__ */ new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};
var ranked = (counts) => [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
var tag_statistics_default = {
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
    const lists = archives.map(({ tags: tags2 }) => tags2.filter((tag) => only === "" || namespaceOf(tag) === only));
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
        tags: distinct.get(namespace) ?? 0
      })),
      most: ranked(tags).slice(0, Math.max(0, settings.top)).map(([tag, count]) => ({ tag, archives: count }))
    };
  }
};
export {
  tag_statistics_default as default
};
