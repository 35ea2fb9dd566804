import type { ScriptPlugin } from "@hitagi/sdk";

export default {
  namespace: "missing-tags",
  type: "script",
  name: "Missing tags",
  version: "1.0.0",
  author: "Hitagi",
  description: "Lists archives that have no tag of a namespace, such as language.",
  oneshot_arg: "The namespace to look for, such as language",
  permissions: { library: "read" },
  async run(ctx) {
    const namespace = ctx.arg.trim() || "language";
    const archives = await ctx.library.search("", 1000);
    const missing = archives.filter(({ tags }) => !tags.some((tag) => tag.startsWith(`${namespace}:`)));
    return { namespace, missing: missing.map(({ id, title }) => ({ id, title })) };
  },
} satisfies ScriptPlugin;
