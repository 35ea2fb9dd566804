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

// ../../shared/info-json.ts
var KOROMO = ["Title", "Tags", "Artist", "Artists", "Magazine", "Parody", "URL"];
var HDOUJIN = ["url", "circle", "author", "artist", "parody", "characters"];
var hasOne = (info, keys) => keys.some((key) => key in info);
var downloaderOf = (info) => {
  if ("gallery_info" in info) return "eze";
  if ("manga_info" in info) return "hdoujin";
  if (hasOne(info, KOROMO)) return "koromo";
  if ("tags" in info && ("category" in info || !("url" in info || "circle" in info))) return "gallery-dl";
  return hasOne(info, HDOUJIN) ? "hdoujin" : void 0;
};

// ../../shared/json.ts
var listOf = (value) => Array.isArray(value) ? value : value === void 0 || value === null ? [] : [value];
var textOf = (value) => typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
var textsOf = (value) => listOf(value).map(textOf).filter((text) => text !== "");
var parseObject = (name, text) => {
  let value;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`${name} is not valid JSON: ${error.message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${name} holds no JSON object.`);
};

// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var distinct = (tags) => {
  const seen = /* @__PURE__ */ new Set();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};
var foundOf = (tags, title = "", summary = "") => ({
  tags: distinct(tags),
  ...title.trim() && { title: title.trim() },
  ...summary.trim() && { summary: summary.trim() }
});

// koromo-info.ts
var FIELDS = {
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
  URL: "source"
};
var koromo_info_default = {
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
    const tags = Object.entries(FIELDS).flatMap(
      ([field, namespace]) => tagsOf(namespace, textsOf(info[field]))
    );
    return foundOf(tags, textOf(info.Title));
  }
};
export {
  koromo_info_default as default
};
