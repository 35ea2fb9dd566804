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

// rename-by-pattern.ts
var parameters = {
  pattern: {
    type: "string",
    desc: "The new title: {title}, {filename}, {pages}, or {namespace} of tags. What is in <…> is left out where a value in it is missing",
    default_value: "<[{artist}] >{title}< ({language})>"
  },
  apply: {
    type: "bool",
    desc: "Change the titles; without it, the changes are only listed",
    default_value: false
  }
};
var fieldOf = (archive, name) => {
  if (name === "title") return archive.title;
  if (name === "filename") return archive.filename.replace(/\.[^.]+$/, "");
  if (name === "pages") return String(archive.pages);
  return valuesOf(archive.tags, name).join(", ");
};
var FIELD = /\{([^{}]+)\}/g;
var TITLE = "\0";
var bareTitle = (title, filled) => {
  const [head = "", tail = ""] = filled.split(TITLE).map((part) => part.replace(/\s+/g, " "));
  const isNamed = title.length > head.length + tail.length && title.startsWith(head) && title.endsWith(tail);
  return isNamed ? title.slice(head.length, title.length - tail.length) : title;
};
var titleFor = (archive, pattern) => {
  const lacks = (text) => [...text.matchAll(FIELD)].map(([, name = ""]) => name.trim()).filter((name) => fieldOf(archive, name) === "");
  const filled = pattern.replace(/<([^<>]*)>/g, (_, part) => lacks(part).length > 0 ? "" : part).replace(FIELD, (_, name) => name.trim() === "title" ? TITLE : fieldOf(archive, name.trim()));
  const title = filled.replaceAll(TITLE, bareTitle(archive.title, filled));
  return { title: title.replace(/\s+/g, " ").trim(), missing: lacks(pattern.replace(/<[^<>]*>/g, "")) };
};
var rename_by_pattern_default = {
  namespace: "rename-by-pattern",
  type: "script",
  name: "Rename by pattern",
  version: "1.0.0",
  author: "Hitagi",
  description: "Gives archives titles by a pattern of their tags. Lists the changes first, and makes them if you set apply. Files keep their names.",
  oneshot_arg: "Words that an archive must have in its title, tags or file name; without it, all archives",
  parameters,
  permissions: { library: "write" },
  async run({ arg, library, settings, progress, signal }) {
    const { pattern, apply } = settings;
    if (!pattern.includes("{"))
      throw new Error("The pattern has no {title} or other value, so all titles would be the same.");
    const words = arg.toLowerCase().split(/\s+/).filter(Boolean);
    const archives = (await allArchives(library)).filter(({ title, tags, filename }) => {
      const text = `${title}
${tags.join("\n")}
${filename}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const named = archives.map((archive) => ({ archive, ...titleFor(archive, pattern) }));
    const changes = named.filter(
      ({ archive, title, missing }) => missing.length === 0 && title !== archive.title
    );
    for (const [done, { archive, title }] of apply ? changes.entries() : []) {
      signal.throwIfAborted();
      await library.update(archive.id, { title });
      progress(done + 1, changes.length, title);
    }
    return {
      applied: apply,
      archives: archives.length,
      changes: changes.map(({ archive, title }) => ({ id: archive.id, from: archive.title, to: title })),
      skipped: named.filter(({ missing }) => missing.length > 0).map(({ archive, missing }) => ({ id: archive.id, title: archive.title, missing }))
    };
  }
};
export {
  rename_by_pattern_default as default
};
