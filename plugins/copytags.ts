import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = {
  tags: { type: "string", desc: "Tags to add, separated by commas", default_value: "" },
} as const;

export default {
  namespace: "copytags",
  type: "metadata",
  name: "Tag copier",
  version: "2.0.0",
  author: "Hitagi",
  description: "Adds the tags of its setting to an archive, for example in a batch.",
  parameters,
  to_named_params: ["tags"],
  getTags(ctx) {
    return { tags: ctx.settings.tags.split(",") };
  },
} satisfies MetadataPlugin<typeof parameters>;
