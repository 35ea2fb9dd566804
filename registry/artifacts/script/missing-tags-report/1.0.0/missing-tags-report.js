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

// missing-tags-report.ts
var parameters = {
  namespaces: {
    type: "string",
    desc: "The namespaces that each archive shall have, separated by commas",
    default_value: "artist, language, source"
  },
  list: { type: "int", desc: "How many archives to list", default_value: 200 }
};
var missing_tags_report_default = {
  namespace: "missing-tags-report",
  type: "script",
  name: "Report of missing tags",
  version: "1.0.0",
  author: "Hitagi",
  description: "Counts and lists the archives that have no tag of some namespaces. Changes nothing.",
  oneshot_arg: "The namespaces, separated by commas; without it, those of the settings",
  parameters,
  permissions: { library: "read" },
  async run({ arg, library, settings }) {
    const namespaces = (arg.trim() || settings.namespaces).split(",").map((name) => name.trim().replace(/:$/, "").toLowerCase()).filter((name) => name !== "");
    if (namespaces.length === 0) throw new Error("Name at least one namespace, such as artist.");
    const archives = await allArchives(library);
    const lacking = archives.map(({ id, title, tags }) => ({
      id,
      title,
      missing: namespaces.filter((name) => valuesOf(tags, name).length === 0)
    })).filter(({ missing }) => missing.length > 0).sort((a, b) => b.missing.length - a.missing.length);
    return {
      archives: archives.length,
      complete: archives.length - lacking.length,
      missing: Object.fromEntries(
        namespaces.map((name) => [name, lacking.filter(({ missing }) => missing.includes(name)).length])
      ),
      list: lacking.slice(0, Math.max(0, settings.list))
    };
  }
};
export {
  missing_tags_report_default as default
};
