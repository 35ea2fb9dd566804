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
var infoFileBeside = async ({
  archive,
  files
}) => {
  const name = `${archive.filename.replace(/\.[^.]+$/, "")}.json`;
  for (const folder of await files.granted()) {
    const listed = await files.list(folder).catch(() => []);
    const path = `${folder.replace(/\/+$/, "")}/${name}`;
    if (listed.some((file) => file.name === name)) return { name: path, text: await files.text(path) };
  }
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
var distinct = (tags) => {
  const seen = /* @__PURE__ */ new Set();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};
var foundOf = (tags, title = "", summary = "") => ({
  tags: distinct(tags),
  ...title.trim() && { title: title.trim() },
  ...summary.trim() && { summary: summary.trim() }
});

// gallery-dl-info.ts
var FIELDS = [
  ["artist", "artist"],
  ["group", "group"],
  ["parody", "parody"],
  ["character", "character"],
  ["characters", "character"],
  ["type", "type"],
  ["category", "category"],
  ["source", "source"]
];
var namedTags = (tags) => Array.isArray(tags) ? tagsOf("", textsOf(tags)) : Object.entries(objectOf(tags)).flatMap(([namespace, names]) => tagsOf(namespace, textsOf(names)));
var gallery_dl_info_default = {
  namespace: "gallery-dl-info",
  type: "metadata",
  name: "gallery-dl info.json",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags and title from the info.json that gallery-dl leaves in an archive, or from NAME.json beside it in a folder that you grant.",
  permissions: { files: "folders with the JSON files of archives, if they lie beside them" },
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^info\.json$/i) ?? await infoFileBeside(ctx);
    if (!file) return {};
    const info = parseObject(file.name, file.text);
    if (downloaderOf(info) !== "gallery-dl") return {};
    if (typeof info.tags !== "object" || info.tags === null)
      throw new Error(`${file.name}: tags is neither a list nor an object.`);
    const tags = [
      ...namedTags(info.tags),
      ...FIELDS.flatMap(([field, namespace]) => tagsOf(namespace, textsOf(info[field]))),
      ...tagsOf("language", textsOf(info.language ?? info.lang))
    ];
    return foundOf(tags, textOf(info.title));
  }
};
export {
  gallery_dl_info_default as default
};
