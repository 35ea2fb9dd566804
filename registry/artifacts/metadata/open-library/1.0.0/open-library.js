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

// open-library.ts
var parameters = {
  subjects: { type: "int", desc: "How many of the work's subjects to add", default_value: 10 }
};
var ADDRESS = /openlibrary\.org\/(?:works|books|isbn)\/(OL\d+[WM]|[\dX-]{10,17})/i;
var get = (path, signal) => fetchJson({ site: "Open Library", url: `https://openlibrary.org/${path}`, signal });
var isbnIn = (tags) => tags.map((tag) => /^isbn:([\dX-]{10,17})$/i.exec(tag)?.[1]).find((isbn) => isbn !== void 0);
var conditionFor = (id, title) => {
  if (id === void 0) return ["title", title];
  if (/W$/i.test(id)) return ["q", `key:/works/${id.toUpperCase()}`];
  return /M$/i.test(id) ? ["q", `edition_key:${id.toUpperCase()}`] : ["isbn", id.replaceAll("-", "")];
};
var find = async ({ signal }, id, title) => {
  const [name, value] = conditionFor(id, title);
  const fields = "key,title,author_name,first_publish_year,subject";
  const answer = await get(
    `search.json?${new URLSearchParams({ [name]: value, fields, limit: "10" })}`,
    signal
  );
  const works = listOf(answer?.docs).map(objectOf);
  return id === void 0 ? mostAlike(title, works, (work) => [textOf(work.title)]) : works[0];
};
var descriptionOf = async (key, signal) => {
  const { description } = await get(`${key.slice(1)}.json`, signal) ?? {};
  return textOf(description) || textOf(objectOf(description).value);
};
var resultOf = async (work, { settings, signal }) => {
  const key = textOf(work.key);
  const tags = [
    ...tagsOf("series", [textOf(work.title)]),
    ...tagsOf("writer", textsOf(work.author_name)),
    ...tagsOf("", textsOf(work.subject).slice(0, Math.max(0, settings.subjects))),
    ...dateTags(textOf(work.first_publish_year)),
    `source:openlibrary.org${key}`
  ];
  return foundOf(tags, "", await descriptionOf(key, signal));
};
var open_library_default = {
  namespace: "open-library",
  type: "metadata",
  name: "Open Library",
  version: "1.0.0",
  author: "Hitagi",
  description: "Finds a work at Open Library by its ISBN, its title, a pasted address or a source tag, and adds its tags and summary.",
  url_regex: "^https?://(www\\.)?openlibrary\\.org/(works|books|isbn)/[0-9A-Za-z-]+",
  oneshot_arg: "Address of the work at Open Library, or another title to search for",
  // Open Library takes one request a second from programs without a contact; a call makes two.
  cooldown: 3,
  parameters,
  permissions: { net: ["openlibrary.org"] },
  async getTags(ctx) {
    const id = idIn(ctx, ADDRESS) ?? (ctx.arg ? void 0 : isbnIn(ctx.archive.tags));
    const title = wantedTitle(ctx);
    return remember(ctx.cache, [ctx.settings.subjects, id ?? title], async () => {
      const work = await find(ctx, id, title);
      return work ? resultOf(work, ctx) : {};
    });
  }
};
export {
  open_library_default as default
};
