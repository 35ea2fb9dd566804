// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var sourceOf = (address) => address.trim().replace(/^https?:\/\/(www\.)?/i, "").replace(/[/,;]+$/, "").replaceAll(",", "%2C");
var sourceTags = (text) => text.split(/[\s,;]+(?=https?:\/\/)|\s+/i).filter((address) => /^https?:\/\//i.test(address)).map((address) => `source:${sourceOf(address)}`);
var dateTags = (year, month = "", day = "") => {
  const isNumber = (text, max) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= max;
  if (!/^\d{4}$/.test(year)) return [];
  if (!isNumber(month, 12)) return [`date:${year}`];
  const parts = [year, month.padStart(2, "0"), ...isNumber(day, 31) ? [day.padStart(2, "0")] : []];
  return [`date:${parts.join("-")}`];
};
var dateTagsIn = (text) => {
  const [, year = "", month, day] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?/.exec(text.trim()) ?? [];
  return dateTags(year, month, day);
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

// ../../shared/credits.ts
var ROLES = [
  ["translator", /translat/],
  ["letterer", /letter/],
  ["editor", /edit/],
  ["writer", /writ|script|story|plot|author|adapt/],
  [
    "artist",
    /art|pencil|ink|color|colour|cover|illustrat|draw|breakdown|layout|embellish|finish|gray tone|photo|paint/
  ]
];
var namespaceOfRole = (role) => ROLES.find(([, words]) => words.test(role.toLowerCase()))?.[0] ?? "staff";
var creditTags = (person, roles) => person.trim() === "" ? [] : [...new Set(roles.map(namespaceOfRole))].map((name) => tagOf(name, person));

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

// metron-info.ts
var VALUES = [
  ["publisher", "Publisher", "Name"],
  ["imprint", "Publisher", "Imprint"],
  ["series", "Series", "Name"],
  ["volume", "Series", "Volume"],
  ["format", "Series", "Format"],
  ["series_year", "Series", "StartYear"],
  ["issue_count", "Series", "IssueCount"],
  ["manga_volume", "MangaVolume"],
  ["issue", "Number"],
  ["alternate_issue", "AlternativeNumber"],
  ["pages", "PageCount"],
  ["age_rating", "AgeRating"],
  ["community_rating", "CommunityRating", "AverageRating"],
  ["isbn", "GTIN", "ISBN"],
  ["upc", "GTIN", "UPC"]
];
var LISTS = [
  ["", "Genre", "Genres"],
  ["", "Tag", "Tags"],
  ["character", "Character", "Characters"],
  ["team", "Team", "Teams"],
  ["location", "Location", "Locations"],
  ["reprint", "Reprint", "Reprints"],
  ["alternate_series", "AlternativeName", "Series", "AlternativeNames"]
];
var valueTags = (root) => VALUES.flatMap(([namespace, ...path]) => {
  const value = textAt(root, ...path);
  return value === "0" || value === "Unknown" ? [] : tagsOf(namespace, [value]);
});
var idTags = (root) => childrenOf(childAt(root, "IDS"), "ID").flatMap(
  (id) => tagsOf((id.getAttribute("source") ?? "id").toLowerCase().replace(/\s+/g, "_"), [textIn(id)])
);
var arcTags = (root) => childrenOf(childAt(root, "Arcs"), "Arc").flatMap((arc) => {
  const [name, number] = [textAt(arc, "Name"), textAt(arc, "Number")];
  return [...tagsOf("arc", [name]), ...number ? tagsOf("arc_issue", [`${name} ${number}`]) : []];
});
var people = (root) => childrenOf(childAt(root, "Credits"), "Credit").flatMap(
  (credit) => creditTags(textAt(credit, "Creator"), textsIn(childAt(credit, "Roles"), "Role"))
);
var metron_info_default = {
  namespace: "metron-info",
  type: "metadata",
  name: "MetronInfo.xml",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the MetronInfo.xml in an archive.",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^MetronInfo\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "MetronInfo");
    const universes = childrenOf(childAt(root, "Universes"), "Universe").map((one) => textAt(one, "Name"));
    const tags = [
      ...valueTags(root),
      ...LISTS.flatMap(
        ([namespace, item, ...path]) => tagsOf(namespace, textsIn(childAt(root, ...path), item))
      ),
      ...arcTags(root),
      ...tagsOf("universe", universes),
      ...people(root),
      ...languageTags(childAt(root, "Series")?.getAttribute("lang") ?? ""),
      ...dateTagsIn(textAt(root, "CoverDate") || textAt(root, "StoreDate")),
      ...idTags(root),
      ...textsIn(childAt(root, "URLs"), "URL").flatMap(sourceTags)
    ];
    const stories = textsIn(childAt(root, "Stories"), "Story");
    return foundOf(tags, textAt(root, "CollectionTitle") || stories.join("; "), textAt(root, "Summary"));
  }
};
export {
  metron_info_default as default
};
