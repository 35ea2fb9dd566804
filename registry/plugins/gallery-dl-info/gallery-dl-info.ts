import type { MetadataPlugin } from "@hitagi/sdk";
import { infoFileBeside, infoFileIn } from "../../shared/info-file.ts";
import { downloaderOf } from "../../shared/info-json.ts";
import { objectOf, parseObject, textOf, textsOf } from "../../shared/json.ts";
import { foundOf, tagsOf } from "../../shared/tags.ts";

/** Fields beside the tags, and the namespace of each. */
const FIELDS: readonly (readonly [field: string, namespace: string])[] = [
  ["artist", "artist"],
  ["group", "group"],
  ["parody", "parody"],
  ["character", "character"],
  ["characters", "character"],
  ["type", "type"],
  ["category", "category"],
  ["source", "source"],
];

/** `tags` is a list of `namespace:name` or of names, or an object with a list for each namespace. */
const namedTags = (tags: unknown): string[] =>
  Array.isArray(tags)
    ? tagsOf("", textsOf(tags))
    : Object.entries(objectOf(tags)).flatMap(([namespace, names]) => tagsOf(namespace, textsOf(names)));

export default {
  namespace: "gallery-dl-info",
  type: "metadata",
  name: "gallery-dl info.json",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags and title from the info.json that gallery-dl leaves in an archive, or from NAME.json beside it in a folder that you grant.",
  permissions: { files: "folders with the JSON files of archives, if they lie beside them" },
  async getTags(ctx) {
    const file = (await infoFileIn(ctx, /^info\.json$/i)) ?? (await infoFileBeside(ctx));
    if (!file) return {};
    const info = parseObject(file.name, file.text);
    if (downloaderOf(info) !== "gallery-dl") return {};
    if (typeof info.tags !== "object" || info.tags === null)
      throw new Error(`${file.name}: tags is neither a list nor an object.`);
    const tags = [
      ...namedTags(info.tags),
      ...FIELDS.flatMap(([field, namespace]) => tagsOf(namespace, textsOf(info[field]))),
      ...tagsOf("language", textsOf(info.language ?? info.lang)),
    ];
    return foundOf(tags, textOf(info.title));
  },
} satisfies MetadataPlugin;
