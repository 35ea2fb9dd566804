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

// epub-opf.ts
var RELATORS = {
  aut: "writer",
  aus: "writer",
  art: "artist",
  ill: "artist",
  clr: "artist",
  cov: "artist",
  edt: "editor",
  trl: "translator"
};
var packageFile = async (ctx) => {
  const container = await infoFileIn(ctx, /^container\.xml$/i);
  if (container) {
    const roots = childrenOf(childAt(parseRoot(ctx, container, "container"), "rootfiles"), "rootfile");
    const name = roots[0]?.getAttribute("full-path");
    const isThere = (await ctx.archive.entries()).some((entry) => entry.name === name);
    if (name && isThere) return { name, text: await ctx.archive.text(name) };
  }
  return infoFileIn(ctx, /\.opf$/i);
};
var refinement = (metadata, property, id) => textIn(
  childrenOf(metadata, "meta").find(
    (meta) => meta.getAttribute("property") === property && meta.getAttribute("refines") === (id && `#${id}`)
  )
);
var roleOf = (metadata, person) => {
  const code = person.getAttribute("opf:role") || refinement(metadata, "role", person.getAttribute("id") || null);
  if (localName(person) === "contributor") return RELATORS[code];
  return code === "" ? "writer" : RELATORS[code] ?? "staff";
};
var people = (metadata) => ["creator", "contributor"].flatMap(
  (name) => childrenOf(metadata, name).flatMap((person) => {
    const role = roleOf(metadata, person);
    return role === void 0 ? [] : creditTags(textIn(person), [role]);
  })
);
var seriesTags = (metadata) => {
  const named = (name) => childrenOf(metadata, "meta").find((meta) => meta.getAttribute("name") === name)?.getAttribute("content") ?? "";
  const collections = childrenOf(metadata, "meta").filter(
    (meta) => meta.getAttribute("property") === "belongs-to-collection"
  );
  return [
    ...tagsOf("series", [named("calibre:series"), ...collections.map(textIn)]),
    ...tagsOf("issue", [
      named("calibre:series_index"),
      ...collections.map((one) => refinement(metadata, "group-position", one.getAttribute("id")))
    ])
  ];
};
var identifierTags = (identifier) => {
  const text = textIn(identifier);
  const scheme = identifier.getAttribute("opf:scheme") ?? "";
  const [, isbn] = /^(?:urn:isbn:)?((?:97[89][\d-]{10,14})|[\d-]{9,12}[\dX])$/i.exec(text) ?? [];
  if (isbn && (/isbn/i.test(`${scheme}${text}`) || /^97[89]/.test(isbn)))
    return [`isbn:${isbn.replaceAll("-", "")}`];
  return sourceTags(text);
};
var epub_opf_default = {
  namespace: "epub-opf",
  type: "metadata",
  name: "EPUB",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the package file (.opf) of an EPUB, of the versions 2 and 3.",
  async getTags(ctx) {
    const file = await packageFile(ctx);
    if (!file) return {};
    const metadata = childAt(parseRoot(ctx, file, "package"), "metadata");
    if (!metadata) throw new Error(`${file.name} has no metadata.`);
    const tags = [
      ...people(metadata),
      ...seriesTags(metadata),
      ...tagsOf("", textsIn(metadata, "subject")),
      ...tagsOf("publisher", textsIn(metadata, "publisher")),
      ...textsIn(metadata, "language").flatMap(languageTags),
      ...dateTagsIn(textAt(metadata, "date")),
      ...childrenOf(metadata, "identifier").flatMap(identifierTags),
      ...textsIn(metadata, "source").flatMap(sourceTags)
    ];
    const summary = ctx.html(textAt(metadata, "description")).documentElement?.textContent ?? "";
    return foundOf(tags, textAt(metadata, "title"), summary);
  }
};
export {
  epub_opf_default as default
};
