import type { MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { type JsonObject, listOf, objectOf, textOf } from "../../shared/json.ts";
import { remember } from "../../shared/remember.ts";
import { fetchJson } from "../../shared/site.ts";
import { dateTags, foundOf, sourceOf, tagsOf } from "../../shared/tags.ts";
import { mostAlike, wantedTitle } from "../../shared/titles.ts";
import { idIn } from "../../shared/work-address.ts";

const parameters = {
  categories: {
    type: "int",
    desc: "How many of the users' categories to add, the most voted first",
    default_value: 10,
  },
} as const;

type Context = MetadataContext<typeof parameters>;

const API = "https://api.mangaupdates.com/v1/series";

/** Addresses have the id in base 36. */
const ADDRESS = /mangaupdates\.com\/series\/([\da-z]{5,})/i;

const search = async (signal: AbortSignal, title: string): Promise<string | undefined> => {
  const body = { search: title, perpage: 10 };
  const answer = await fetchJson({ site: "MangaUpdates", url: `${API}/search`, signal, body });
  const found = mostAlike(title, listOf(answer?.results).map(objectOf), (one) => [
    textOf(one.hit_title),
    textOf(objectOf(one.record).title),
  ]);
  return found && textOf(objectOf(found.record).series_id);
};

/** The values of a field of the objects in a list. */
const fieldsOf = (list: unknown, field: string): string[] =>
  listOf(list).map((one) => textOf(objectOf(one)[field]));

const mostVoted = (categories: unknown, count: number): string[] =>
  listOf(categories)
    .map(objectOf)
    .sort((a, b) => Number(b.votes) - Number(a.votes))
    .slice(0, Math.max(0, count))
    .map(({ category }) => textOf(category));

const resultOf = (series: JsonObject, { html, settings }: Context): MetadataResult => {
  const tags = [
    ...tagsOf("series", [textOf(series.title)]),
    ...listOf(series.authors).flatMap((author) =>
      creditTags(textOf(objectOf(author).name), [textOf(objectOf(author).type)]),
    ),
    ...tagsOf("", [
      ...fieldsOf(series.genres, "genre"),
      ...mostVoted(series.categories, settings.categories),
    ]),
    ...tagsOf("publisher", fieldsOf(series.publishers, "publisher_name")),
    ...tagsOf("type", [textOf(series.type)]),
    ...dateTags(textOf(series.year)),
    ...tagsOf("source", [sourceOf(textOf(series.url))]),
  ];
  return foundOf(tags, "", html(textOf(series.description)).documentElement?.textContent ?? "");
};

export default {
  namespace: "manga-updates",
  type: "metadata",
  name: "MangaUpdates",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Finds a series at MangaUpdates by its title, by a pasted address or by a source tag, and adds its tags and summary.",
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
      const id = address === undefined ? await search(ctx.signal, title) : Number.parseInt(address, 36);
      const series =
        id && (await fetchJson({ site: "MangaUpdates", url: `${API}/${id}`, signal: ctx.signal }));
      return series ? resultOf(series, ctx) : {};
    });
  },
} satisfies MetadataPlugin<typeof parameters>;
