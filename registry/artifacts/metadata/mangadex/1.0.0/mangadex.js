// ../../shared/json.ts
var objectOf = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
var listOf = (value) => Array.isArray(value) ? value : value === void 0 || value === null ? [] : [value];
var textOf = (value) => typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

// ../../shared/languages.ts
var NO_LANGUAGE = /* @__PURE__ */ new Set(["und", "mul", "mis", "zxx"]);
var languageTags = (text) => {
  const code = text.trim().replaceAll("_", "-").toLowerCase();
  const [language = ""] = code.split("-");
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(code) || NO_LANGUAGE.has(language)) return [];
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  return [`language:${(names.of(language) ?? language).toLowerCase()}`];
};

// ../../shared/remember.ts
var DAY_SECONDS = 24 * 3600;
var MAX_KEY = 256;
var remember = async (cache, key, find2) => {
  const name = JSON.stringify(key).slice(0, MAX_KEY);
  const known = await cache.get(name);
  if (known) return known;
  const found = await find2();
  await cache.set(name, found, DAY_SECONDS);
  return found;
};

// ../../shared/site.ts
var waitOf = (response) => {
  const seconds = response.headers.get("retry-after");
  return seconds && /^\d+$/.test(seconds) ? `Try again in ${seconds} seconds.` : "Try again later.";
};
var fetchJson = async ({
  site,
  url,
  signal,
  body
}) => {
  const headers = { accept: "application/json", "user-agent": "Hitagi" };
  const sent = body && {
    method: "POST",
    body: JSON.stringify(body),
    headers: { ...headers, "content-type": "application/json" }
  };
  const response = await fetch(url, { headers, ...sent, signal });
  if (response.status === 404) return void 0;
  if (response.status === 429) throw new Error(`${site} refuses more requests for now. ${waitOf(response)}`);
  if (!response.ok) throw new Error(`${site} answered ${response.status}. ${waitOf(response)}`);
  const text = await response.text();
  try {
    return objectOf(JSON.parse(text));
  } catch {
    throw new Error(`${site} answered something else than JSON.`);
  }
};

// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
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

// ../../shared/titles.ts
var AROUND = /^\s*(?:\([^)]*\)|\[[^\]]*\]|【[^】]*】)\s*|\s*(?:\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|【[^】]*】)\s*$/;
var NUMBERING = /(?:[\s,_-]+(?:v|vol|volume|c|ch|chapter|#)?\.?\s*\d+(?:\.\d+)?(?:\s*-\s*\d+)?|\s*第?\s*\d+(?:\.\d+)?\s*[巻卷話话回集])$/i;
var stripped = (text, pattern) => {
  const shorter = text.replace(pattern, "");
  return shorter === text || shorter.trim() === "" ? text : stripped(shorter, pattern);
};
var searchTitle = (title) => stripped(stripped(title.normalize("NFKC").replaceAll("_", " ").trim(), AROUND), NUMBERING).trim();
var wantedTitle = ({ arg, archive }) => arg.trim() || searchTitle(archive.title);
var comparable = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
var pairsOf = (text) => Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));
var similarity = (one, other) => {
  const [a, b] = [comparable(one), comparable(other)];
  if (a === b) return a === "" ? 0 : 1;
  const rest = pairsOf(b);
  const count = pairsOf(a).length + rest.length;
  const common = pairsOf(a).filter((pair) => {
    const at = rest.indexOf(pair);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
  return count === 0 ? 0 : 2 * common.length / count;
};
var ALIKE = 0.8;
var mostAlike = (title, candidates, titlesOf2) => {
  let best;
  let highest = ALIKE;
  for (const candidate of candidates) {
    const alike = Math.max(0, ...titlesOf2(candidate).map((one) => similarity(title, one)));
    if (alike < highest || best !== void 0 && alike === highest) continue;
    best = candidate;
    highest = alike;
  }
  return best;
};

// ../../shared/work-address.ts
var idIn = ({ arg, archive }, address) => {
  const given = arg.trim();
  if (/^https?:\/\//i.test(given)) {
    const id = address.exec(given)?.[1];
    if (id === void 0) throw new Error(`${given} is no address of a work at this site.`);
    return id;
  }
  const sources = archive.tags.filter((tag) => /^source:/i.test(tag));
  return sources.map((tag) => address.exec(tag)?.[1]).find((id) => id !== void 0);
};

// mangadex.ts
var parameters = {
  language: {
    type: "string",
    desc: "Language of the series' name and the summary, such as en or ja",
    default_value: "en"
  },
  adult: { type: "bool", desc: "Search among pornographic works too", default_value: false }
};
var ADDRESS = /mangadex\.org\/title\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/i;
var get = (path, query, signal) => {
  const includes = ["author", "artist"].map((type) => ["includes[]", type]);
  const url = `https://api.mangadex.org/${path}?${new URLSearchParams([...query, ...includes])}`;
  return fetchJson({ site: "MangaDex", url, signal });
};
var attributesOf = (entity) => objectOf(objectOf(entity).attributes);
var inLanguage = (texts, language) => {
  const all = objectOf(texts);
  return textOf(all[language]) || textOf(Object.values(all)[0]);
};
var titlesOf = (manga) => {
  const { title, altTitles } = attributesOf(manga);
  return [title, ...listOf(altTitles)].flatMap((texts) => Object.values(objectOf(texts)).map(textOf));
};
var search = async (title, { settings, signal }) => {
  const ratings = ["safe", "suggestive", "erotica", ...settings.adult ? ["pornographic"] : []];
  const query = [
    ["title", title],
    ["limit", "10"],
    ...ratings.map((one) => ["contentRating[]", one])
  ];
  const answer = await get("manga", query, signal);
  return mostAlike(title, listOf(answer?.data), titlesOf);
};
var find = async (ctx, id) => id === void 0 ? search(wantedTitle(ctx), ctx) : (await get(`manga/${id.toLowerCase()}`, [], ctx.signal))?.data;
var people = (manga, type) => listOf(objectOf(manga).relationships).filter((one) => objectOf(one).type === type).map((one) => textOf(attributesOf(one).name));
var resultOf = (manga, language) => {
  const found = attributesOf(manga);
  const tags = [
    ...tagsOf("series", [inLanguage(found.title, language)]),
    ...tagsOf("writer", people(manga, "author")),
    ...tagsOf("artist", people(manga, "artist")),
    ...tagsOf(
      "",
      listOf(found.tags).map((tag) => inLanguage(attributesOf(tag).name, "en"))
    ),
    ...tagsOf("demographic", [textOf(found.publicationDemographic)]),
    ...tagsOf("content_rating", [textOf(found.contentRating)]),
    ...tagsOf("status", [textOf(found.status)]),
    ...languageTags(textOf(found.originalLanguage)).map((tag) => `original_${tag}`),
    ...dateTags(textOf(found.year)),
    `source:mangadex.org/title/${textOf(objectOf(manga).id)}`
  ];
  return foundOf(tags, "", inLanguage(found.description, language));
};
var mangadex_default = {
  namespace: "mangadex",
  type: "metadata",
  name: "MangaDex",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds a manga at MangaDex by its title, by a pasted address or by a source tag, and adds its tags and summary.",
  url_regex: "^https?://(www\\.)?mangadex\\.org/title/[0-9a-fA-F-]{36}",
  oneshot_arg: "Address of the manga at MangaDex, or another title to search for",
  // MangaDex takes five requests a second from an address; a call makes one.
  cooldown: 1,
  parameters,
  permissions: { net: ["api.mangadex.org"] },
  async getTags(ctx) {
    const { language, adult } = ctx.settings;
    const id = idIn(ctx, ADDRESS);
    return remember(ctx.cache, [language, adult, id ?? wantedTitle(ctx)], async () => {
      const manga = await find(ctx, id);
      return manga === void 0 ? {} : resultOf(manga, language);
    });
  }
};
export {
  mangadex_default as default
};
