import type { MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { type JsonObject, listOf, objectOf, textOf, textsOf } from "../../shared/json.ts";
import { remember } from "../../shared/remember.ts";
import { fetchJson } from "../../shared/site.ts";
import { dateTags, foundOf, tagsOf } from "../../shared/tags.ts";
import { mostAlike, wantedTitle } from "../../shared/titles.ts";
import { idIn } from "../../shared/work-address.ts";

const parameters = {
  subjects: { type: "int", desc: "How many of the work's subjects to add", default_value: 10 },
} as const;

type Context = MetadataContext<typeof parameters>;

/** A work (OL…W), one of its editions (OL…M), or an ISBN. */
const ADDRESS = /openlibrary\.org\/(?:works|books|isbn)\/(OL\d+[WM]|[\dX-]{10,17})/i;

const get = (path: string, signal: AbortSignal) =>
  fetchJson({ site: "Open Library", url: `https://openlibrary.org/${path}`, signal });

const isbnIn = (tags: readonly string[]): string | undefined =>
  tags.map((tag) => /^isbn:([\dX-]{10,17})$/i.exec(tag)?.[1]).find((isbn) => isbn !== undefined);

/** The condition of the search: an exact one for an address or an ISBN. */
const conditionFor = (id: string | undefined, title: string): [string, string] => {
  if (id === undefined) return ["title", title];
  if (/W$/i.test(id)) return ["q", `key:/works/${id.toUpperCase()}`];
  return /M$/i.test(id) ? ["q", `edition_key:${id.toUpperCase()}`] : ["isbn", id.replaceAll("-", "")];
};

const find = async (
  { signal }: Context,
  id: string | undefined,
  title: string,
): Promise<JsonObject | undefined> => {
  const [name, value] = conditionFor(id, title);
  const fields = "key,title,author_name,first_publish_year,subject";
  const answer = await get(
    `search.json?${new URLSearchParams({ [name]: value, fields, limit: "10" })}`,
    signal,
  );
  const works = listOf(answer?.docs).map(objectOf);
  return id === undefined ? mostAlike(title, works, (work) => [textOf(work.title)]) : works[0];
};

/** A description is a text, or an object with one. */
const descriptionOf = async (key: string, signal: AbortSignal): Promise<string> => {
  const { description } = (await get(`${key.slice(1)}.json`, signal)) ?? {};
  return textOf(description) || textOf(objectOf(description).value);
};

const resultOf = async (work: JsonObject, { settings, signal }: Context): Promise<MetadataResult> => {
  const key = textOf(work.key);
  const tags = [
    ...tagsOf("series", [textOf(work.title)]),
    ...tagsOf("writer", textsOf(work.author_name)),
    ...tagsOf("", textsOf(work.subject).slice(0, Math.max(0, settings.subjects))),
    ...dateTags(textOf(work.first_publish_year)),
    `source:openlibrary.org${key}`,
  ];
  return foundOf(tags, "", await descriptionOf(key, signal));
};

export default {
  namespace: "open-library",
  type: "metadata",
  name: "Open Library",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Finds a work at Open Library by its ISBN, its title, a pasted address or a source tag, and adds its tags and summary.",
  url_regex: "^https?://(www\\.)?openlibrary\\.org/(works|books|isbn)/[0-9A-Za-z-]+",
  oneshot_arg: "Address of the work at Open Library, or another title to search for",
  // Open Library takes one request a second from programs without a contact; a call makes two.
  cooldown: 3,
  parameters,
  permissions: { net: ["openlibrary.org"] },
  async getTags(ctx) {
    const id = idIn(ctx, ADDRESS) ?? (ctx.arg ? undefined : isbnIn(ctx.archive.tags));
    const title = wantedTitle(ctx);
    return remember(ctx.cache, [ctx.settings.subjects, id ?? title], async () => {
      const work = await find(ctx, id, title);
      return work ? resultOf(work, ctx) : {};
    });
  },
} satisfies MetadataPlugin<typeof parameters>;
