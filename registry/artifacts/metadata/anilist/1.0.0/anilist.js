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
var textsOf = (value) => listOf(value).map(textOf).filter((text) => text !== "");

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

// anilist.ts
var parameters = {
  rank: {
    type: "int",
    desc: "Add tags that at least this share of users agree with, in percent",
    default_value: 60
  },
  adult: { type: "bool", desc: "Search among adult works too", default_value: false }
};
var FIELDS = `id siteUrl title { romaji english native } synonyms description(asHtml: false) format status countryOfOrigin
genres tags { name rank isMediaSpoiler } startDate { year month day } staff(perPage: 10) { edges { role node { name { full } } } }`;
var BY_ID = `query ($id: Int) { Page(perPage: 1) { media(id: $id, type: MANGA) { ${FIELDS} } } }`;
var BY_TITLE = `query ($search: String, $isAdult: Boolean) { Page(perPage: 10) { media(search: $search, isAdult: $isAdult, type: MANGA) { ${FIELDS} } } }`;
var ask = async ({ signal }, query, variables) => {
  const body = { query, variables };
  const answer = await fetchJson({ site: "AniList", url: "https://graphql.anilist.co/", signal, body });
  const [error] = listOf(answer?.errors);
  if (error) throw new Error(`AniList answered: ${textOf(objectOf(error).message)}`);
  return listOf(objectOf(objectOf(answer?.data).Page).media);
};
var titlesOf = (media) => {
  const { title, synonyms } = objectOf(media);
  return [...Object.values(objectOf(title)).map(textOf), ...textsOf(synonyms)];
};
var find = async (ctx, id) => {
  if (id !== void 0) return (await ask(ctx, BY_ID, { id: Number(id) }))[0];
  const title = wantedTitle(ctx);
  const variables = { search: title, ...!ctx.settings.adult && { isAdult: false } };
  return mostAlike(title, await ask(ctx, BY_TITLE, variables), titlesOf);
};
var people = ({ staff }) => listOf(objectOf(staff).edges).flatMap((edge) => {
  const role = textOf(objectOf(edge).role);
  const name = textOf(objectOf(objectOf(objectOf(edge).node).name).full);
  return role.includes("(") ? [] : creditTags(name, role.split("&"));
});
var tagNames = ({ tags }, rank) => listOf(tags).map(objectOf).filter((tag) => tag.isMediaSpoiler !== true && Number(tag.rank) >= rank).map(({ name }) => textOf(name));
var resultOf = (media, { html, settings }) => {
  const { english, romaji, native } = objectOf(media.title);
  const { year, month, day } = objectOf(media.startDate);
  const tags = [
    ...tagsOf("series", [textOf(english) || textOf(romaji) || textOf(native)]),
    ...people(media),
    ...tagsOf("", [...textsOf(media.genres), ...tagNames(media, settings.rank)]),
    ...tagsOf("format", [textOf(media.format).toLowerCase().replaceAll("_", " ")]),
    ...tagsOf("status", [textOf(media.status).toLowerCase().replaceAll("_", " ")]),
    ...tagsOf("country", [textOf(media.countryOfOrigin)]),
    ...dateTags(textOf(year), textOf(month), textOf(day)),
    `source:anilist.co/manga/${textOf(media.id)}`
  ];
  const summary = html(textOf(media.description).replace(/<br\s*\/?>/gi, "\n")).documentElement?.textContent ?? "";
  return foundOf(tags, "", summary);
};
var anilist_default = {
  namespace: "anilist",
  type: "metadata",
  name: "AniList",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds a manga at AniList by its title, by a pasted address or by a source tag, and adds its tags and summary.",
  url_regex: "^https?://(www\\.)?anilist\\.co/manga/[0-9]+",
  oneshot_arg: "Address of the manga at AniList, or another title to search for",
  // AniList takes 30 requests a minute while its service is limited, else 90; a call makes one.
  cooldown: 2,
  parameters,
  permissions: { net: ["graphql.anilist.co"] },
  async getTags(ctx) {
    const { rank, adult } = ctx.settings;
    const id = idIn(ctx, /anilist\.co\/manga\/(\d+)/i);
    return remember(ctx.cache, [rank, adult, id ?? wantedTitle(ctx)], async () => {
      const media = await find(ctx, id);
      return media === void 0 ? {} : resultOf(objectOf(media), ctx);
    });
  }
};
export {
  anilist_default as default
};
