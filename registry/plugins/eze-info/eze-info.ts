import type { MetadataPlugin } from "@hitagi/sdk";
import { infoFileBeside, infoFileIn } from "../../shared/info-file.ts";
import { downloaderOf } from "../../shared/info-json.ts";
import { type JsonObject, objectOf, parseObject, textOf, textsOf } from "../../shared/json.ts";
import { foundOf, tagsOf } from "../../shared/tags.ts";

const parameters = {
  origin_title: {
    type: "bool",
    desc: "Take the original title, where there is one, instead of the English or romanised one",
    default_value: false,
  },
  additional_tags: {
    type: "bool",
    desc: "Add tags of the uploader and of the time of the upload",
    default_value: false,
  },
} as const;

/** Seconds since 1970: from the full form in milliseconds, else from year, month, day, hour, minute, second in UTC. */
const timestampOf = (info: JsonObject, full: JsonObject): number | undefined => {
  if (typeof full.date_uploaded === "number") return full.date_uploaded / 1000;
  const [year, month, ...rest] = Array.isArray(info.upload_date) ? info.upload_date.map(Number) : [];
  if (year === undefined || month === undefined) return undefined;
  const time = Date.UTC(year, month - 1, ...rest) / 1000;
  return Number.isFinite(time) ? time : undefined;
};

const sourceTag = ({ site, gid, token }: JsonObject): string[] =>
  site && gid && token ? [`source:${textOf(site)}.org/g/${textOf(gid)}/${textOf(token)}`] : [];

export default {
  namespace: "eze-info",
  type: "metadata",
  name: "eze info.json",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags and title from the info.json that eze leaves in an archive, or from NAME.json beside it in a folder that you grant.",
  parameters,
  permissions: { files: "folders with the JSON files of archives, if they lie beside them" },
  async getTags(ctx) {
    const file = (await infoFileIn(ctx, /^info\.json$/i)) ?? (await infoFileBeside(ctx));
    if (!file) return {};
    const json = parseObject(file.name, file.text);
    if (downloaderOf(json) !== "eze") return {};
    const [info, full] = [objectOf(json.gallery_info), objectOf(json.gallery_info_full)];
    const timestamp = timestampOf(info, full);
    const tags = [
      ...Object.entries(objectOf(info.tags)).flatMap(([namespace, names]) =>
        tagsOf(namespace, textsOf(names)),
      ),
      ...tagsOf("category", textsOf(info.category)),
      ...(ctx.settings.additional_tags ? tagsOf("uploader", textsOf(full.uploader)) : []),
      ...(ctx.settings.additional_tags && timestamp !== undefined ? [`timestamp:${timestamp}`] : []),
      ...sourceTag(objectOf(info.source)),
    ];
    const original = ctx.settings.origin_title ? textOf(info.title_original) : "";
    return foundOf(tags, original || textOf(info.title));
  },
} satisfies MetadataPlugin<typeof parameters>;
