import type { MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { type JsonObject, listOf, objectOf, textOf, textsOf } from "../../shared/json.ts";
import { remember } from "../../shared/remember.ts";
import { fetchJson } from "../../shared/site.ts";
import { dateTags, foundOf, tagsOf } from "../../shared/tags.ts";
import { mostAlike, wantedTitle } from "../../shared/titles.ts";
import { idIn } from "../../shared/work-address.ts";

const parameters = {
  rank: {
    type: "int",
    desc: "Add tags that at least this share of users agree with, in percent",
    default_value: 60,
  },
  adult: { type: "bool", desc: "Search among adult works too", default_value: false },
} as const;

type Context = MetadataContext<typeof parameters>;

const FIELDS = `id siteUrl title { romaji english native } synonyms description(asHtml: false) format status countryOfOrigin
genres tags { name rank isMediaSpoiler } startDate { year month day } staff(perPage: 10) { edges { role node { name { full } } } }`;

const BY_ID = `query ($id: Int) { Page(perPage: 1) { media(id: $id, type: MANGA) { ${FIELDS} } } }`;
const BY_TITLE = `query ($search: String, $isAdult: Boolean) { Page(perPage: 10) { media(search: $search, isAdult: $isAdult, type: MANGA) { ${FIELDS} } } }`;

const ask = async ({ signal }: Context, query: string, variables: object): Promise<readonly unknown[]> => {
  const body = { query, variables };
  const answer = await fetchJson({ site: "AniList", url: "https://graphql.anilist.co/", signal, body });
  const [error] = listOf(answer?.errors);
  if (error) throw new Error(`AniList answered: ${textOf(objectOf(error).message)}`);
  return listOf(objectOf(objectOf(answer?.data).Page).media);
};

const titlesOf = (media: unknown): string[] => {
  const { title, synonyms } = objectOf(media);
  return [...Object.values(objectOf(title)).map(textOf), ...textsOf(synonyms)];
};

const find = async (ctx: Context, id: string | undefined): Promise<unknown> => {
  if (id !== undefined) return (await ask(ctx, BY_ID, { id: Number(id) }))[0];
  const title = wantedTitle(ctx);
  const variables = { search: title, ...(!ctx.settings.adult && { isAdult: false }) };
  return mostAlike(title, await ask(ctx, BY_TITLE, variables), titlesOf);
};

/** `Story & Art` is a writer and an artist; `Translator (English)` is of another edition. */
const people = ({ staff }: JsonObject): string[] =>
  listOf(objectOf(staff).edges).flatMap((edge) => {
    const role = textOf(objectOf(edge).role);
    const name = textOf(objectOf(objectOf(objectOf(edge).node).name).full);
    return role.includes("(") ? [] : creditTags(name, role.split("&"));
  });

const tagNames = ({ tags }: JsonObject, rank: number): string[] =>
  listOf(tags)
    .map(objectOf)
    .filter((tag) => tag.isMediaSpoiler !== true && Number(tag.rank) >= rank)
    .map(({ name }) => textOf(name));

const resultOf = (media: JsonObject, { html, settings }: Context): MetadataResult => {
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
    `source:anilist.co/manga/${textOf(media.id)}`,
  ];
  const summary =
    html(textOf(media.description).replace(/<br\s*\/?>/gi, "\n")).documentElement?.textContent ?? "";
  return foundOf(tags, "", summary);
};

export default {
  namespace: "anilist",
  type: "metadata",
  name: "AniList",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Finds a manga at AniList by its title, by a pasted address or by a source tag, and adds its tags and summary.",
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
      return media === undefined ? {} : resultOf(objectOf(media), ctx);
    });
  },
} satisfies MetadataPlugin<typeof parameters>;
