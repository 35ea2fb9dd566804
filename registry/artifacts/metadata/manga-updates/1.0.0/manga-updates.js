// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var sourceOf = (address) => address.trim().replace(/^https?:\/\/(www\.)?/i, "").replace(/[/,;]+$/, "").replaceAll(",", "%2C");
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

// ../../shared/json.ts
var objectOf = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
var listOf = (value) => Array.isArray(value) ? value : value === void 0 || value === null ? [] : [value];
var textOf = (value) => typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

// ../../shared/remember.ts
var DAY_SECONDS = 24 * 3600;
var MAX_KEY = 256;
var remember = async (cache, key, find) => {
  const name = JSON.stringify(key).slice(0, MAX_KEY);
  const known = await cache.get(name);
  if (known) return known;
  const found = await find();
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
var mostAlike = (title, candidates, titlesOf) => {
  let best;
  let highest = ALIKE;
  for (const candidate of candidates) {
    const alike = Math.max(0, ...titlesOf(candidate).map((one) => similarity(title, one)));
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

// manga-updates.ts
var parameters = {
  categories: {
    type: "int",
    desc: "How many of the users' categories to add, the most voted first",
    default_value: 10
  }
};
var API = "https://api.mangaupdates.com/v1/series";
var ADDRESS = /mangaupdates\.com\/series\/([\da-z]{5,})/i;
var search = async (signal, title) => {
  const body = { search: title, perpage: 10 };
  const answer = await fetchJson({ site: "MangaUpdates", url: `${API}/search`, signal, body });
  const found = mostAlike(title, listOf(answer?.results).map(objectOf), (one) => [
    textOf(one.hit_title),
    textOf(objectOf(one.record).title)
  ]);
  return found && textOf(objectOf(found.record).series_id);
};
var fieldsOf = (list, field) => listOf(list).map((one) => textOf(objectOf(one)[field]));
var mostVoted = (categories, count) => listOf(categories).map(objectOf).sort((a, b) => Number(b.votes) - Number(a.votes)).slice(0, Math.max(0, count)).map(({ category }) => textOf(category));
var resultOf = (series, { html, settings }) => {
  const tags = [
    ...tagsOf("series", [textOf(series.title)]),
    ...listOf(series.authors).flatMap(
      (author) => creditTags(textOf(objectOf(author).name), [textOf(objectOf(author).type)])
    ),
    ...tagsOf("", [
      ...fieldsOf(series.genres, "genre"),
      ...mostVoted(series.categories, settings.categories)
    ]),
    ...tagsOf("publisher", fieldsOf(series.publishers, "publisher_name")),
    ...tagsOf("type", [textOf(series.type)]),
    ...dateTags(textOf(series.year)),
    ...tagsOf("source", [sourceOf(textOf(series.url))])
  ];
  return foundOf(tags, "", html(textOf(series.description)).documentElement?.textContent ?? "");
};
var manga_updates_default = {
  namespace: "manga-updates",
  type: "metadata",
  name: "MangaUpdates",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds a series at MangaUpdates by its title, by a pasted address or by a source tag, and adds its tags and summary.",
  url_regex: "^https?://(www\\.)?mangaupdates\\.com/series/[0-9a-z]{5,}",
  oneshot_arg: "Address of the series at MangaUpdates, or another title to search for",
  // MangaUpdates asks for time between requests, and names no number; a call makes two.
  cooldown: 5,
  parameters,
  permissions: { net: ["api.mangaupdates.com"] },
  async getTags(ctx) {
    const address = idIn(ctx, ADDRESS);
    const title = wantedTitle(ctx);
    return remember(ctx.cache, [ctx.settings.categories, address ?? title], async () => {
      const id = address === void 0 ? await search(ctx.signal, title) : Number.parseInt(address, 36);
      const series = id && await fetchJson({ site: "MangaUpdates", url: `${API}/${id}`, signal: ctx.signal });
      return series ? resultOf(series, ctx) : {};
    });
  }
};
export {
  manga_updates_default as default
};
