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
var objectOf = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
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

// hdoujin-info.ts
var FIELDS = {
  artist: "artist",
  author: "author",
  circle: "circle",
  character: "character",
  characters: "character",
  language: "language",
  parody: "parody",
  series: "series",
  tags: ""
};
var RENAMED = {
  characters: "character",
  misc: "other",
  tags: "",
  url: "source"
};
var trimmedAddress = (url) => url.trim().replace(/^https?:\/\/(www\.)?([^?]*).*$/i, "$2").replace(/\/$/, "");
var tagsOfFields = (fields) => [
  ...Object.entries(FIELDS).flatMap(([field, namespace]) => {
    const value = fields[field];
    const grouped = Object.entries(objectOf(value)).flatMap(
      ([name, names]) => textsOf(names).flatMap((text) => listTags(RENAMED[name.toLowerCase()] ?? name.toLowerCase(), text))
    );
    return [...textsOf(value).flatMap((text) => listTags(namespace, text)), ...grouped];
  }),
  ...textsOf(fields.url).flatMap((url) => listTags("source", trimmedAddress(url)))
];
var resultOf = (fields) => foundOf(tagsOfFields(fields), textOf(fields.title), textOf(fields.description));
var lowerCased = (info) => Object.fromEntries(Object.entries(info).map(([key, value]) => [key.toLowerCase(), value]));
var parseLines = (text) => Object.fromEntries(
  text.split(/\r?\n/).flatMap((line) => {
    const [, name, value = ""] = /^\uFEFF?([a-z]+): (.*)$/i.exec(line) ?? [];
    return name === void 0 || value.trim() === "" ? [] : [[name.toLowerCase(), value]];
  })
);
var hdoujin_info_default = {
  namespace: "hdoujin-info",
  type: "metadata",
  name: "HDoujin info.json and info.txt",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the info.json or info.txt that HDoujin Downloader leaves in an archive.",
  async getTags(ctx) {
    const json = await infoFileIn(ctx, /^info\.json$/i);
    if (json) {
      const info = parseObject(json.name, json.text);
      return downloaderOf(info) === "hdoujin" ? resultOf(lowerCased(objectOf(info.manga_info ?? info))) : {};
    }
    const lines = await infoFileIn(ctx, /^info\.txt$/i);
    return lines ? resultOf(parseLines(lines.text)) : {};
  }
};
export {
  hdoujin_info_default as default
};
