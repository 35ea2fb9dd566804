import type { MetadataPlugin } from "@hitagi/sdk";

export default {
  namespace: "date-added",
  type: "metadata",
  name: "Date added",
  version: "1.0.0",
  author: "Hitagi",
  description: "Adds date_added with the present time, in seconds since 1970, unless the archive has it.",
  getTags(ctx) {
    const known = ctx.archive.tags.some((tag) => tag.startsWith("date_added:"));
    return { tags: known ? [] : [`date_added:${Math.floor(Date.now() / 1000)}`] };
  },
} satisfies MetadataPlugin;
