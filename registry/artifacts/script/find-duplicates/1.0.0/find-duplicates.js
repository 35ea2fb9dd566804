// ../../shared/all-archives.ts
var allArchives = async (library) => {
  const all = [];
  for (; ; ) {
    const { total, archives } = await library.list(all.length);
    all.push(...archives);
    if (archives.length === 0 || all.length >= total) return all;
  }
};
var valuesOf = (tags, namespace) => tags.filter((tag) => tag.toLowerCase().startsWith(`${namespace.toLowerCase()}:`)).map((tag) => tag.slice(namespace.length + 1).trim());

// ../../shared/tags.ts
var sourceOf = (address) => address.trim().replace(/^https?:\/\/(www\.)?/i, "").replace(/[/,;]+$/, "").replaceAll(",", "%2C");

// find-duplicates.ts
var comparable = (title) => title.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
var REASONS = {
  pages: ({ tags }) => valuesOf(tags, "pages_hash"),
  source: ({ tags }) => valuesOf(tags, "source").map((address) => sourceOf(address).toLowerCase()),
  title: ({ title }) => [comparable(title)]
};
var groupsOf = (archives, keysOf) => {
  const groups = /* @__PURE__ */ new Map();
  for (const archive of archives)
    for (const key of new Set(keysOf(archive)))
      if (key !== "") groups.set(key, [...groups.get(key) ?? [], archive]);
  return [...groups.values()].filter(({ length }) => length > 1);
};
var shown = ({ id, title, path, pages, size }) => ({ id, title, path, pages, size });
var find_duplicates_default = {
  namespace: "find-duplicates",
  type: "script",
  name: "Find duplicates",
  version: "1.0.0",
  author: "Hitagi",
  description: "Lists archives with the same pages (by the tags of Page fingerprint), the same source, or the same title. Changes nothing.",
  oneshot_arg: "What is compared: pages, source or title; without it, all three",
  permissions: { library: "read" },
  async run({ arg, library }) {
    const asked = arg.trim().toLowerCase();
    if (asked !== "" && !(asked in REASONS)) throw new Error("Compare one of: pages, source, title.");
    const archives = await allArchives(library);
    const seen = /* @__PURE__ */ new Set();
    const groups = Object.entries(REASONS).filter(([same]) => asked === "" || same === asked).flatMap(
      ([same, keysOf]) => groupsOf(archives, keysOf).map((group) => ({ same, archives: group.map(shown) }))
    ).filter(({ archives: group }) => {
      const ids = group.map(({ id }) => id).sort().join();
      return !seen.has(ids) && seen.add(ids);
    });
    const withoutFingerprint = archives.filter(
      ({ tags }) => valuesOf(tags, "pages_hash").length === 0
    ).length;
    return { archives: archives.length, withoutFingerprint, groups };
  }
};
export {
  find_duplicates_default as default
};
