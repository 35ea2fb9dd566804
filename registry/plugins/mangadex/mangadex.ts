import type { MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { type JsonObject, listOf, objectOf, textOf } from "../../shared/json.ts";
import { languageTags } from "../../shared/languages.ts";
import { remember } from "../../shared/remember.ts";
import { fetchJson } from "../../shared/site.ts";
import { dateTags, foundOf, tagsOf } from "../../shared/tags.ts";
import { mostAlike, wantedTitle } from "../../shared/titles.ts";
import { idIn } from "../../shared/work-address.ts";

const parameters = {
  language: {
    type: "string",
    desc: "Language of the series' name and the summary, such as en or ja",
    default_value: "en",
  },
  adult: { type: "bool", desc: "Search among pornographic works too", default_value: false },
} as const;

type Context = MetadataContext<typeof parameters>;

const ADDRESS = /mangadex\.org\/title\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/i;

const get = (path: string, query: [string, string][], signal: AbortSignal) => {
  const includes: [string, string][] = ["author", "artist"].map((type) => ["includes[]", type]);
  const url = `https://api.mangadex.org/${path}?${new URLSearchParams([...query, ...includes])}`;
  return fetchJson({ site: "MangaDex", url, signal });
};

const attributesOf = (entity: unknown): JsonObject => objectOf(objectOf(entity).attributes);

/** The text in a language, or else the first one. */
const inLanguage = (texts: unknown, language: string): string => {
  const all = objectOf(texts);
  return textOf(all[language]) || textOf(Object.values(all)[0]);
};

const titlesOf = (manga: unknown): string[] => {
  const { title, altTitles } = attributesOf(manga);
  return [title, ...listOf(altTitles)].flatMap((texts) => Object.values(objectOf(texts)).map(textOf));
};

const search = async (title: string, { settings, signal }: Context): Promise<unknown> => {
  const ratings = ["safe", "suggestive", "erotica", ...(settings.adult ? ["pornographic"] : [])];
  const query: [string, string][] = [
    ["title", title],
    ["limit", "10"],
    ...ratings.map((one): [string, string] => ["contentRating[]", one]),
  ];
  const answer = await get("manga", query, signal);
  return mostAlike(title, listOf(answer?.data), titlesOf);
};

const find = async (ctx: Context, id: string | undefined): Promise<unknown> =>
  id === undefined
    ? search(wantedTitle(ctx), ctx)
    : (await get(`manga/${id.toLowerCase()}`, [], ctx.signal))?.data;

/** The names of the related people of a type. */
const people = (manga: unknown, type: string): string[] =>
  listOf(objectOf(manga).relationships)
    .filter((one) => objectOf(one).type === type)
    .map((one) => textOf(attributesOf(one).name));

const resultOf = (manga: unknown, language: string): MetadataResult => {
  const found = attributesOf(manga);
  const tags = [
    ...tagsOf("series", [inLanguage(found.title, language)]),
    ...tagsOf("writer", people(manga, "author")),
    ...tagsOf("artist", people(manga, "artist")),
    ...tagsOf(
      "",
      listOf(found.tags).map((tag) => inLanguage(attributesOf(tag).name, "en")),
    ),
    ...tagsOf("demographic", [textOf(found.publicationDemographic)]),
    ...tagsOf("content_rating", [textOf(found.contentRating)]),
    ...tagsOf("status", [textOf(found.status)]),
    ...languageTags(textOf(found.originalLanguage)).map((tag) => `original_${tag}`),
    ...dateTags(textOf(found.year)),
    `source:mangadex.org/title/${textOf(objectOf(manga).id)}`,
  ];
  return foundOf(tags, "", inLanguage(found.description, language));
};

export default {
  namespace: "mangadex",
  type: "metadata",
  name: "MangaDex",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Finds a manga at MangaDex by its title, by a pasted address or by a source tag, and adds its tags and summary.",
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
      return manga === undefined ? {} : resultOf(manga, language);
    });
  },
} satisfies MetadataPlugin<typeof parameters>;
