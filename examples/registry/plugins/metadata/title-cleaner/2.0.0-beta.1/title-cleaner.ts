import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = {
  drop_brackets: { type: "bool", desc: "Drop what stands in brackets at the end", default_value: true },
} as const;

export default {
  namespace: "title-cleaner",
  type: "metadata",
  name: "Title cleaner",
  version: "2.0.0-beta.1",
  author: "Hitagi",
  description: "Makes titles of file names readable, and drops what stands in brackets at their end.",
  parameters,
  getTags(ctx) {
    const spaced = ctx.archive.title.replace(/_/g, " ").replace(/\s+/g, " ").trim();
    const title = ctx.settings.drop_brackets ? spaced.replace(/(\s*[[{][^[\]{}]*[\]}])+$/, "") : spaced;
    return title === "" ? {} : { title };
  },
} satisfies MetadataPlugin<typeof parameters>;
