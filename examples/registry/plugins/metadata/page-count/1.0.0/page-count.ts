import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = {
  step: { type: "int", desc: "Round down to a multiple of this", default_value: 1 },
} as const;

export default {
  namespace: "page-count",
  type: "metadata",
  name: "Page count",
  version: "1.0.0",
  author: "Hitagi",
  description: "Adds a tag with the number of images in the archive, such as pages:24.",
  parameters,
  async getTags(ctx) {
    const entries = await ctx.archive.entries();
    const pages = entries.filter(({ name }) => /\.(jpe?g|png|gif|webp|avif|jxl|bmp)$/i.test(name)).length;
    const step = Math.max(1, ctx.settings.step);
    return { tags: [`pages:${Math.floor(pages / step) * step}`] };
  },
} satisfies MetadataPlugin<typeof parameters>;
