// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var listTags = (namespace, text) => tagsOf(namespace, text.split(","));
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

// acbf.ts
var parameters = {
  language: {
    type: "string",
    desc: "Language of title, summary and keywords, such as en",
    default_value: "en"
  }
};
var inLanguage = (elements, language) => {
  const of = (lang) => elements.filter((one) => one.getAttribute("lang") === lang);
  const [first] = elements;
  return [of(language), of(null), of(first?.getAttribute("lang") ?? null)].find(({ length }) => length > 0) ?? [];
};
var nameOf = (author) => ["first-name", "middle-name", "last-name"].map((part) => textAt(author, part)).filter((part) => part !== "").join(" ") || textAt(author, "nickname");
var genres = (book) => childrenOf(book, "genre").map((genre) => textIn(genre).replaceAll("_", " "));
var paragraphs = (annotation) => annotation ? textsIn(annotation, "p").join("\n\n") || textIn(annotation) : "";
var languages = (book) => {
  const layers = childrenOf(childAt(book, "languages"), "text-layer");
  const named = (layers.length > 0 ? layers : childrenOf(book, "book-title")).map(
    (one) => one.getAttribute("lang")
  );
  return [...new Set(named)].flatMap((lang) => languageTags(lang ?? ""));
};
var sequenceTags = (book) => childrenOf(book, "sequence").flatMap((sequence) => [
  ...tagsOf("series", [sequence.getAttribute("title") ?? ""]),
  ...tagsOf("volume", [sequence.getAttribute("volume") ?? ""]),
  ...tagsOf("issue", [textIn(sequence)])
]);
var publishTags = (publish) => [
  ...tagsOf("publisher", textsIn(publish, "publisher")),
  ...tagsOf("isbn", textsIn(publish, "isbn")),
  ...tagsOf("license", textsIn(publish, "license")),
  ...childrenOf(publish, "publish-date").flatMap(
    (date) => dateTagsIn(date.getAttribute("value") || textIn(date))
  )
];
var acbf_default = {
  namespace: "acbf",
  type: "metadata",
  name: "ACBF",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the .acbf file in an archive (Advanced Comic Book Format).",
  parameters,
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /\.acbf$/i);
    if (!file) return {};
    const data = childAt(parseRoot(ctx, file, "ACBF"), "meta-data");
    const book = childAt(data, "book-info");
    if (!book) throw new Error(`${file.name} has no book-info.`);
    const { language } = ctx.settings;
    const own = (name) => inLanguage(childrenOf(book, name), language);
    const tags = [
      ...childrenOf(book, "author").flatMap(
        (author) => creditTags(nameOf(author), [author.getAttribute("activity") ?? "Writer"])
      ),
      ...sequenceTags(book),
      ...tagsOf("", genres(book)),
      ...own("keywords").flatMap((keywords) => listTags("", textIn(keywords))),
      ...tagsOf("character", textsIn(childAt(book, "characters"), "name")),
      ...tagsOf("age_rating", textsIn(book, "content-rating")),
      ...languages(book),
      ...publishTags(childAt(data, "publish-info")),
      ...childrenOf(book, "reading-direction").some((one) => textIn(one).toUpperCase() === "RTL") ? ["reading_direction:right to left"] : []
    ];
    return foundOf(tags, textIn(own("book-title")[0]), paragraphs(own("annotation")[0]));
  }
};
export {
  acbf_default as default
};
