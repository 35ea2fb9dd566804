import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = {
  copy_date_added: { type: "bool", desc: "Also copy the date_added tag", default_value: false },
} as const;

export default {
  namespace: "copy-archive-tags",
  type: "metadata",
  name: "Copy archive tags",
  version: "1.0.0",
  author: "Hitagi",
  description: "Copies the tags of another archive. Give its id, or the address of its page.",
  oneshot_arg: "Id or address of the archive to copy from",
  parameters,
  to_named_params: ["copy_date_added"],
  permissions: { library: "read" },
  async getTags(ctx) {
    const [id] = /\b[0-9a-f]{40}\b/.exec(ctx.arg.toLowerCase()) ?? [];
    if (id === undefined) throw new Error("Give the id of the archive to copy from: 40 hex digits.");
    if (id === ctx.archive.id) throw new Error("An archive cannot be copied from itself.");
    const { title, tags } = await ctx.library.get(id);
    const copied = tags.filter((tag) => ctx.settings.copy_date_added || !tag.includes("date_added"));
    ctx.log.info(`Copied ${copied.length} tags from ${title}`);
    return { tags: copied };
  },
} satisfies MetadataPlugin<typeof parameters>;
