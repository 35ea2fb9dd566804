import type { MetadataPlugin } from "@hitagi/sdk";
import { infoFileIn } from "../../shared/info-file.ts";
import { foundOf, listTags, tagsOf } from "../../shared/tags.ts";

/** The value of the line `NAME: value`, with spaces before it; "" without such a line. */
const lineOf = (text: string, name: string): string =>
  new RegExp(`^\\uFEFF?${name}:[ \\t]*(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";

export default {
  namespace: "hath-info",
  type: "metadata",
  name: "H@H galleryinfo.txt",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags and title from the galleryinfo.txt that the downloader of Hentai@Home leaves in an archive.",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^galleryinfo\.txt$/i);
    if (!file) return {};
    // What follows is the uploader's own text.
    const [head = ""] = file.text.split(/^Uploader's Comments:/m);
    const tags = [
      ...tagsOf("uploader", [lineOf(head, "Uploaded By")]),
      ...tagsOf("upload_time", [lineOf(head, "Upload Time")]),
      ...listTags("", lineOf(head, "Tags")),
    ];
    return foundOf(tags, lineOf(head, "Title"));
  },
} satisfies MetadataPlugin;
