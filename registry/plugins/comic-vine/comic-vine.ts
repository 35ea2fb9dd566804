import type { MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { type JsonObject, listOf, objectOf, textOf } from "../../shared/json.ts";
import { remember } from "../../shared/remember.ts";
import { fetchJson } from "../../shared/site.ts";
import { dateTagsIn, foundOf, sourceOf, tagsOf } from "../../shared/tags.ts";
import { mostAlike, numberIn, searchTitle } from "../../shared/titles.ts";
import { idIn } from "../../shared/work-address.ts";

const parameters = {
  key: { type: "secret", desc: "Your key of Comic Vine's API, from comicvine.gamespot.com/api" },
} as const;

type Context = MetadataContext<typeof parameters>;

/** Pages end with the id: issues are 4000-…, volumes 4050-…. */
const ADDRESS = /comicvine\.gamespot\.com\/(?:[^/?#]+\/)?(40[05]0-\d+)/i;

/** Fields of `status_code` in an answer. */
const OK = 1;
const INVALID_KEY = 100;
const NOT_FOUND = 101;

/** The results of one call. @returns undefined for what does not exist @throws Error with Comic Vine's own words */
const call = async (
  { settings, signal }: Context,
  path: string,
  query: Record<string, string>,
): Promise<unknown> => {
  const parts = new URLSearchParams({ api_key: settings.key, format: "json", ...query });
  const url = `https://comicvine.gamespot.com/api/${path}/?${parts}`;
  const { status_code, error, results } = (await fetchJson({ site: "Comic Vine", url, signal })) ?? {
    status_code: NOT_FOUND,
  };
  if (status_code === NOT_FOUND) return undefined;
  if (status_code === INVALID_KEY) throw new Error("Comic Vine refuses the key: check it in the settings.");
  if (status_code !== OK) throw new Error(`Comic Vine answered: ${textOf(error)}`);
  return results;
};

const nameOf = (value: unknown): string => textOf(objectOf(value).name);

const searchVolume = async (ctx: Context, title: string): Promise<string | undefined> => {
  const query = { resources: "volume", query: title, limit: "10", field_list: "id,name" };
  const found = mostAlike(title, listOf(await call(ctx, "search", query)), (volume) => [nameOf(volume)]);
  return found === undefined ? undefined : textOf(objectOf(found).id);
};

/** The issue of the number in the title, or else the volume. */
const search = async (ctx: Context): Promise<string | undefined> => {
  const title = ctx.arg || ctx.archive.title;
  const volume = await searchVolume(ctx, searchTitle(title));
  const number = numberIn(title);
  if (volume === undefined || number === undefined) return volume && `4050-${volume}`;
  const filter = `volume:${volume},issue_number:${number}`;
  const [issue] = listOf(await call(ctx, "issues", { filter, field_list: "id", limit: "1" }));
  return issue === undefined ? `4050-${volume}` : `4000-${textOf(objectOf(issue).id)}`;
};

const namesIn = (list: unknown): string[] => listOf(list).map(nameOf);

const commonTags = (found: JsonObject): string[] => [
  ...listOf(found.person_credits).flatMap((person) =>
    creditTags(nameOf(person), textOf(objectOf(person).role).split(",")),
  ),
  ...tagsOf("character", namesIn(found.character_credits)),
  ...tagsOf("team", namesIn(found.team_credits)),
  ...tagsOf("location", namesIn(found.location_credits)),
  ...tagsOf("arc", namesIn(found.story_arc_credits)),
  ...tagsOf("publisher", [nameOf(found.publisher)]),
  ...dateTagsIn(textOf(found.cover_date) || textOf(found.store_date) || textOf(found.start_year)),
  ...tagsOf("source", [sourceOf(textOf(found.site_detail_url))]),
];

const resultOf = (found: JsonObject, isIssue: boolean, { html }: Context): MetadataResult => {
  const tags = [
    ...tagsOf("series", [isIssue ? nameOf(found.volume) : textOf(found.name)]),
    ...tagsOf("issue", [isIssue ? textOf(found.issue_number) : ""]),
    ...commonTags(found),
  ];
  const summary = html(textOf(found.description) || textOf(found.deck)).documentElement?.textContent ?? "";
  return foundOf(tags, isIssue ? textOf(found.name) : "", summary);
};

export default {
  namespace: "comic-vine",
  type: "metadata",
  name: "Comic Vine",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Finds an issue or a volume at Comic Vine by title and number, by a pasted address or by a source tag. Needs a key, which is free.",
  url_regex: "^https?://comicvine\\.gamespot\\.com/([^/?#]+/)?40[05]0-[0-9]+",
  oneshot_arg:
    "Address of the issue or volume at Comic Vine, or another title to search for, with its number",
  // Comic Vine takes 200 requests an hour for each kind of resource; a call makes one of each.
  cooldown: 18,
  parameters,
  permissions: { net: ["comicvine.gamespot.com"] },
  async getTags(ctx) {
    if (ctx.settings.key === "")
      throw new Error("Set your key of Comic Vine's API in the settings of this plugin.");
    const address = idIn(ctx, ADDRESS);
    return remember(ctx.cache, [address ?? (ctx.arg || ctx.archive.title)], async () => {
      const id = address ?? (await search(ctx));
      const isIssue = id?.startsWith("4000-") ?? false;
      const found = id && (await call(ctx, `${isIssue ? "issue" : "volume"}/${id}`, {}));
      return found ? resultOf(objectOf(found), isIssue, ctx) : {};
    });
  },
} satisfies MetadataPlugin<typeof parameters>;
