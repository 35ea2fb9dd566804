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

// comet.ts
var VALUES = {
  series: "series",
  issue: "issue",
  volume: "volume",
  publisher: "publisher",
  format: "format",
  rating: "age_rating",
  rights: "rights",
  pages: "pages",
  genre: "",
  character: "character"
};
var PEOPLE = {
  creator: "writer",
  writer: "writer",
  penciller: "penciller",
  inker: "inker",
  colorist: "colorist",
  coverDesigner: "cover artist",
  letterer: "letterer",
  editor: "editor"
};
var identifierTags = (identifier) => /^https?:\/\//i.test(identifier) ? sourceTags(identifier) : tagsOf("identifier", [identifier]);
var comet_default = {
  namespace: "comet",
  type: "metadata",
  name: "CoMet",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the CoMet.xml in an archive (The Comic Metadata Format).",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^CoMet\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "comet");
    const tags = [
      ...Object.entries(VALUES).flatMap(([element, namespace]) => tagsOf(namespace, textsIn(root, element))),
      ...Object.entries(PEOPLE).flatMap(
        ([element, role]) => textsIn(root, element).flatMap((person) => creditTags(person, [role]))
      ),
      ...textsIn(root, "language").flatMap(languageTags),
      ...dateTagsIn(textAt(root, "date")),
      ...textsIn(root, "identifier").flatMap(identifierTags),
      ...textAt(root, "readingDirection").toLowerCase() === "rtl" ? ["reading_direction:right to left"] : []
    ];
    return foundOf(tags, textAt(root, "title"), textAt(root, "description"));
  }
};
export {
  comet_default as default
};
