import type { LibraryArchive, ScriptPlugin } from "@hitagi/sdk";

const parameters = {
  fill: { type: "bool", desc: "Add the tag to the archives that lack it", default_value: false },
} as const;

const lacks = (namespace: string) => (archive: LibraryArchive) =>
  !archive.tags.some((tag) => tag.startsWith(`${namespace}:`));

export default {
  namespace: "missing-tags",
  type: "script",
  name: "Missing tags",
  version: "1.1.0",
  author: "Hitagi",
  description: "Lists archives that have no tag of a namespace, and adds one to them where that is set.",
  oneshot_arg: "The namespace to look for, or a whole tag to fill in, such as language:english",
  parameters,
  permissions: { library: "write" },
  async run(ctx) {
    const [namespace = "", value = ""] = (ctx.arg.trim() || "language").split(":", 2);
    const missing = (await ctx.library.search("", 1000)).filter(lacks(namespace));
    if (!ctx.settings.fill) return { namespace, missing: missing.map(({ id, title }) => ({ id, title })) };
    if (value === "") throw new Error("Give the whole tag to fill in, such as language:english.");
    for (const [index, { id, title, tags }] of missing.entries()) {
      ctx.progress(index, missing.length, title);
      await ctx.library.update(id, { tags: [...tags, `${namespace}:${value}`] });
    }
    return { namespace, filled: missing.length };
  },
} satisfies ScriptPlugin<typeof parameters>;
