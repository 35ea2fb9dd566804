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
var LAST_NUMBER = /(?:(?:^|[\s,_#-])(?:v|vol|volume|c|ch|chapter|#)?\.?\s*|第\s*)0*(\d+(?:\.\d+)?)\s*[巻卷話话回集]?$/i;
var stripped = (text, pattern) => {
  const shorter = text.replace(pattern, "");
  return shorter === text || shorter.trim() === "" ? text : stripped(shorter, pattern);
};
var searchTitle = (title) => stripped(stripped(title.normalize("NFKC").replaceAll("_", " ").trim(), AROUND), NUMBERING).trim();
var numberIn = (title) => LAST_NUMBER.exec(stripped(title.normalize("NFKC").trim(), AROUND))?.[1];
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

// comic-vine.ts
var parameters = {
  key: { type: "secret", desc: "Your key of Comic Vine's API, from comicvine.gamespot.com/api" }
};
var ADDRESS = /comicvine\.gamespot\.com\/(?:[^/?#]+\/)?(40[05]0-\d+)/i;
var OK = 1;
var INVALID_KEY = 100;
var NOT_FOUND = 101;
var call = async ({ settings, signal }, path, query) => {
  const parts = new URLSearchParams({ api_key: settings.key, format: "json", ...query });
  const url = `https://comicvine.gamespot.com/api/${path}/?${parts}`;
  const { status_code, error, results } = await fetchJson({ site: "Comic Vine", url, signal }) ?? {
    status_code: NOT_FOUND
  };
  if (status_code === NOT_FOUND) return void 0;
  if (status_code === INVALID_KEY) throw new Error("Comic Vine refuses the key: check it in the settings.");
  if (status_code !== OK) throw new Error(`Comic Vine answered: ${textOf(error)}`);
  return results;
};
var nameOf = (value) => textOf(objectOf(value).name);
var searchVolume = async (ctx, title) => {
  const query = { resources: "volume", query: title, limit: "10", field_list: "id,name" };
  const found = mostAlike(title, listOf(await call(ctx, "search", query)), (volume) => [nameOf(volume)]);
  return found === void 0 ? void 0 : textOf(objectOf(found).id);
};
var search = async (ctx) => {
  const title = ctx.arg || ctx.archive.title;
  const volume = await searchVolume(ctx, searchTitle(title));
  const number = numberIn(title);
  if (volume === void 0 || number === void 0) return volume && `4050-${volume}`;
  const filter = `volume:${volume},issue_number:${number}`;
  const [issue] = listOf(await call(ctx, "issues", { filter, field_list: "id", limit: "1" }));
  return issue === void 0 ? `4050-${volume}` : `4000-${textOf(objectOf(issue).id)}`;
};
var namesIn = (list) => listOf(list).map(nameOf);
var commonTags = (found) => [
  ...listOf(found.person_credits).flatMap(
    (person) => creditTags(nameOf(person), textOf(objectOf(person).role).split(","))
  ),
  ...tagsOf("character", namesIn(found.character_credits)),
  ...tagsOf("team", namesIn(found.team_credits)),
  ...tagsOf("location", namesIn(found.location_credits)),
  ...tagsOf("arc", namesIn(found.story_arc_credits)),
  ...tagsOf("publisher", [nameOf(found.publisher)]),
  ...dateTagsIn(textOf(found.cover_date) || textOf(found.store_date) || textOf(found.start_year)),
  ...tagsOf("source", [sourceOf(textOf(found.site_detail_url))])
];
var resultOf = (found, isIssue, { html }) => {
  const tags = [
    ...tagsOf("series", [isIssue ? nameOf(found.volume) : textOf(found.name)]),
    ...tagsOf("issue", [isIssue ? textOf(found.issue_number) : ""]),
    ...commonTags(found)
  ];
  const summary = html(textOf(found.description) || textOf(found.deck)).documentElement?.textContent ?? "";
  return foundOf(tags, isIssue ? textOf(found.name) : "", summary);
};
var comic_vine_default = {
  namespace: "comic-vine",
  type: "metadata",
  name: "Comic Vine",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds an issue or a volume at Comic Vine by title and number, by a pasted address or by a source tag. Needs a key, which is free.",
  url_regex: "^https?://comicvine\\.gamespot\\.com/([^/?#]+/)?40[05]0-[0-9]+",
  oneshot_arg: "Address of the issue or volume at Comic Vine, or another title to search for, with its number",
  // Comic Vine takes 200 requests an hour for each kind of resource; a call makes one of each.
  cooldown: 18,
  parameters,
  permissions: { net: ["comicvine.gamespot.com"] },
  async getTags(ctx) {
    if (ctx.settings.key === "")
      throw new Error("Set your key of Comic Vine's API in the settings of this plugin.");
    const address = idIn(ctx, ADDRESS);
    return remember(ctx.cache, [address ?? (ctx.arg || ctx.archive.title)], async () => {
      const id = address ?? await search(ctx);
      const isIssue = id?.startsWith("4000-") ?? false;
      const found = id && await call(ctx, `${isIssue ? "issue" : "volume"}/${id}`, {});
      return found ? resultOf(objectOf(found), isIssue, ctx) : {};
    });
  }
};
export {
  comic_vine_default as default
};
