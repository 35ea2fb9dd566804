import type { MetadataPlugin } from "@hitagi/sdk";
import { infoFileIn } from "../../shared/info-file.ts";
import { downloaderOf } from "../../shared/info-json.ts";
import { parseObject, textOf, textsOf } from "../../shared/json.ts";
import { foundOf, tagsOf } from "../../shared/tags.ts";

/** Fields with a text or a list of texts, and the namespace of the tags. */
const FIELDS: Readonly<Record<string, string>> = {
  Tags: "",
  Characters: "character",
  Series: "series",
  Parody: "series",
  Groups: "group",
  Artist: "artist",
  Artists: "artist",
  Magazine: "magazine",
  Language: "language",
  Types: "category",
  URL: "source",
};

export default {
  namespace: "koromo-info",
  type: "metadata",
  name: "Koromo info.json",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags and title from the Info.json that Koromo Copy leaves in an archive.",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^info\.json$/i);
    if (!file) return {};
    const info = parseObject(file.name, file.text);
    if (downloaderOf(info) !== "koromo") return {};
    const tags = Object.entries(FIELDS).flatMap(([field, namespace]) =>
      tagsOf(namespace, textsOf(info[field])),
    );
    return foundOf(tags, textOf(info.Title));
  },
} satisfies MetadataPlugin;
