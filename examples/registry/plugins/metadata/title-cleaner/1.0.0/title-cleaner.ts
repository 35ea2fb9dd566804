import type { MetadataPlugin } from "@hitagi/sdk";

export default {
  namespace: "title-cleaner",
  type: "metadata",
  name: "Title cleaner",
  version: "1.0.0",
  author: "Hitagi",
  description: "Makes titles of file names readable: underscores become spaces, repeated spaces one.",
  getTags(ctx) {
    const title = ctx.archive.title.replace(/_/g, " ").replace(/\s+/g, " ").trim();
    return title === "" ? {} : { title };
  },
} satisfies MetadataPlugin;
