// ../../shared/info-file.ts
var depthOf = (name) => name.split("/").length;
var baseName = (name) => name.slice(name.lastIndexOf("/") + 1);
var infoFileIn = async ({ archive, log }, name) => {
  const entries = await archive.entries();
  const [found] = entries.map((entry) => entry.name).filter((one) => name.test(baseName(one))).sort((a, b) => depthOf(a) - depthOf(b));
  if (found !== void 0) return { name: found, text: await archive.text(found) };
  log.debug(`${archive.filename} has no file that fits ${name}`);
  return void 0;
};

// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var listTags = (namespace, text) => tagsOf(namespace, text.split(","));
var distinct = (tags) => {
  const seen = /* @__PURE__ */ new Set();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};
var foundOf = (tags, title = "", summary = "") => ({
  tags: distinct(tags),
  ...title.trim() && { title: title.trim() },
  ...summary.trim() && { summary: summary.trim() }
});

// hath-info.ts
var lineOf = (text, name) => new RegExp(`^\\uFEFF?${name}:[ \\t]*(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
var hath_info_default = {
  namespace: "hath-info",
  type: "metadata",
  name: "H@H galleryinfo.txt",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags and title from the galleryinfo.txt that the downloader of Hentai@Home leaves in an archive.",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^galleryinfo\.txt$/i);
    if (!file) return {};
    const [head = ""] = file.text.split(/^Uploader's Comments:/m);
    const tags = [
      ...tagsOf("uploader", [lineOf(head, "Uploaded By")]),
      ...tagsOf("upload_time", [lineOf(head, "Upload Time")]),
      ...listTags("", lineOf(head, "Tags"))
    ];
    return foundOf(tags, lineOf(head, "Title"));
  }
};
export {
  hath_info_default as default
};
