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

// ../../shared/languages.ts
var NO_LANGUAGE = /* @__PURE__ */ new Set(["und", "mul", "mis", "zxx"]);
var languageTags = (text) => {
  const code = text.trim().replaceAll("_", "-").toLowerCase();
  const [language = ""] = code.split("-");
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(code) || NO_LANGUAGE.has(language)) return [];
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  return [`language:${(names.of(language) ?? language).toLowerCase()}`];
};

// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var listTags = (namespace, text) => tagsOf(namespace, text.split(","));
var sourceOf = (address) => address.trim().replace(/^https?:\/\/(www\.)?/i, "").replace(/[/,;]+$/, "").replaceAll(",", "%2C");
var sourceTags = (text) => text.split(/[\s,;]+(?=https?:\/\/)|\s+/i).filter((address) => /^https?:\/\//i.test(address)).map((address) => `source:${sourceOf(address)}`);
var dateTags = (year, month = "", day = "") => {
  const isNumber = (text, max) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= max;
  if (!/^\d{4}$/.test(year)) return [];
  if (!isNumber(month, 12)) return [`date:${year}`];
  const parts = [year, month.padStart(2, "0"), ...isNumber(day, 31) ? [day.padStart(2, "0")] : []];
  return [`date:${parts.join("-")}`];
};
var distinct = (tags) => {
  const seen = /* @__PURE__ */ new Set();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};
var foundOf = (tags, title = "", summary = "") => ({
  tags: distinct(tags),
  ...title.trim() && { title: title.trim() },
  ...summary.trim() && { summary: summary.trim() }
});

// ../../shared/xml.ts
var localName = ({ tagName }) => tagName.slice(tagName.indexOf(":") + 1);
var parseRoot = ({ xml }, { name, text }, root) => {
  const element = xml(text).documentElement;
  if (!element || localName(element).toLowerCase() !== root.toLowerCase())
    throw new Error(`${name} is no ${root} file.`);
  return element;
};
var childrenOf = (element, name) => [...element?.children ?? []].filter((child) => name === void 0 || localName(child) === name);
var childAt = (element, ...path) => path.reduce((found, name) => childrenOf(found, name)[0], element);
var textIn = (element) => element?.textContent?.trim() ?? "";
var textAt = (element, ...path) => textIn(childAt(element, ...path));
var textsIn = (element, name) => childrenOf(element, name).map(textIn).filter((text) => text !== "");

// comic-info-full.ts
var parameters = {
  notes: { type: "bool", desc: "Add the notes and the review to the summary", default_value: false }
};
var LISTS = {
  Writer: "writer",
  Penciller: "artist",
  Inker: "artist",
  Colorist: "artist",
  CoverArtist: "artist",
  Letterer: "letterer",
  Editor: "editor",
  Translator: "translator",
  Characters: "character",
  Teams: "team",
  Locations: "location",
  SeriesGroup: "series_group",
  Genre: "",
  Tags: ""
};
var VALUES = {
  Series: "series",
  Number: "issue",
  Volume: "volume",
  Count: "issue_count",
  AlternateSeries: "alternate_series",
  AlternateNumber: "alternate_issue",
  AlternateCount: "alternate_issue_count",
  Publisher: "publisher",
  Imprint: "imprint",
  Format: "format",
  AgeRating: "age_rating",
  CommunityRating: "community_rating",
  MainCharacterOrTeam: "main_character",
  PageCount: "pages",
  ScanInformation: "scan",
  GTIN: "gtin"
};
var UNKNOWN = /* @__PURE__ */ new Set(["-1", "unknown", ""]);
var valueTags = (root) => Object.entries(VALUES).flatMap(([element, namespace]) => {
  const values = textsIn(root, element).filter((value) => !UNKNOWN.has(value.toLowerCase()));
  return tagsOf(namespace, element === "PageCount" ? values.filter((pages) => pages !== "0") : values);
});
var arcTags = (root) => {
  const numbers = textAt(root, "StoryArcNumber").split(",");
  const arcs = textAt(root, "StoryArc").split(",");
  return arcs.flatMap((arc, i) => [
    ...tagsOf("arc", [arc]),
    ...arc.trim() && numbers[i]?.trim() ? tagsOf("arc_issue", [`${arc} ${numbers[i]}`]) : []
  ]);
};
var kindTags = (root) => [
  .../^Yes/.test(textAt(root, "Manga")) ? ["manga"] : [],
  ...textAt(root, "Manga") === "YesAndRightToLeft" ? ["reading_direction:right to left"] : [],
  ...textAt(root, "BlackAndWhite") === "Yes" ? ["black and white"] : []
];
var comic_info_full_default = {
  namespace: "comic-info-full",
  type: "metadata",
  name: "ComicInfo.xml, all fields",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads every field of the ComicInfo.xml in an archive, of the versions 2.0 and 2.1. The builtin plugin reads the most usual ones.",
  parameters,
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^ComicInfo\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "ComicInfo");
    const tags = [
      ...valueTags(root),
      ...Object.entries(LISTS).flatMap(
        ([element, namespace]) => textsIn(root, element).flatMap((text) => listTags(namespace, text))
      ),
      ...arcTags(root),
      ...kindTags(root),
      ...textsIn(root, "LanguageISO").flatMap(languageTags),
      ...dateTags(textAt(root, "Year"), textAt(root, "Month"), textAt(root, "Day")),
      ...textsIn(root, "Web").flatMap(sourceTags)
    ];
    const texts = ["Summary", ...ctx.settings.notes ? ["Notes", "Review"] : []];
    const summary = texts.map((element) => textAt(root, element)).filter((text) => text !== "");
    return foundOf(tags, textAt(root, "Title"), summary.join("\n\n"));
  }
};
export {
  comic_info_full_default as default
};
