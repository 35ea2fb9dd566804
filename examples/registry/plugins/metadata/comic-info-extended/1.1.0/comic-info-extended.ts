import type { MarkupDocument, MetadataPlugin } from "@hitagi/sdk";

/** Elements of ComicInfo.xml that hold a list, and the namespace that its items are tagged with. */
const LISTS: Record<string, string> = {
  Writer: "writer",
  Penciller: "artist",
  Inker: "artist",
  Colorist: "artist",
  CoverArtist: "artist",
  Letterer: "letterer",
  Editor: "editor",
  Translator: "translator",
  Characters: "character",
  Teams: "team",
  Locations: "location",
  StoryArc: "arc",
  Genre: "",
  Tags: "",
};

/** Elements that hold one value, in which a comma would end the tag. */
const VALUES: Record<string, string> = {
  Series: "series",
  Number: "issue",
  Publisher: "publisher",
  Imprint: "imprint",
  Format: "format",
  SeriesGroup: "series_group",
  AgeRating: "rating",
};

const textOf = (info: MarkupDocument, element: string): string =>
  info.querySelector(`ComicInfo > ${element}`)?.textContent?.trim() ?? "";

const tagged = (namespace: string, value: string): string => (namespace ? `${namespace}:${value}` : value);

const listTags = (info: MarkupDocument): string[] =>
  Object.entries(LISTS).flatMap(([element, namespace]) =>
    textOf(info, element)
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => tagged(namespace, item)),
  );

const valueTags = (info: MarkupDocument): string[] =>
  Object.entries(VALUES).flatMap(([element, namespace]) => {
    const value = textOf(info, element).replace(/\s*,\s*/g, " ");
    return value === "" ? [] : [tagged(namespace, value)];
  });

/** `ja` is tagged as `language:japanese`. */
const languageTags = (info: MarkupDocument): string[] => {
  const [code] = /^[a-z]{2,3}\b/i.exec(textOf(info, "LanguageISO")) ?? [];
  const name = code && new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  return name ? [`language:${name.toLowerCase()}`] : [];
};

/** Web holds one address or several with spaces between. */
const sourceTags = (info: MarkupDocument): string[] =>
  textOf(info, "Web")
    .split(/\s+/)
    .filter((address) => /^https?:\/\//i.test(address))
    .map((address) => address.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/+$/, ""))
    .map((address) => `source:${address.replaceAll(",", "%2C")}`);

/** The day of publication, as far as it is known: `date:2021-03`. */
const dateTags = (info: MarkupDocument): string[] => {
  const year = textOf(info, "Year");
  if (!/^\d{4}$/.test(year)) return [];
  const month = textOf(info, "Month");
  return [/^\d{1,2}$/.test(month) ? `date:${year}-${month.padStart(2, "0")}` : `date:${year}`];
};

/** The file's own count of pages; without one, there is no tag. */
const pageTags = (info: MarkupDocument): string[] => {
  const pages = textOf(info, "PageCount");
  return /^[1-9]\d*$/.test(pages) ? [`pages:${pages}`] : [];
};

export default {
  namespace: "comic-info-extended",
  type: "metadata",
  name: "ComicInfo.xml, extended",
  version: "1.1.0",
  author: "Hitagi",
  description: "Reads ComicInfo.xml with all of its fields, age rating, date and page count among them.",
  parameters: {
    page_count: { type: "bool", desc: "Also add the number of pages", default_value: true },
  },
  async getTags(ctx) {
    const entries = await ctx.archive.entries();
    const file = entries.find(({ name }) => /(^|\/)ComicInfo\.xml$/i.test(name));
    if (!file) throw new Error("This archive has no ComicInfo.xml.");
    const info = ctx.xml(await ctx.archive.text(file.name));
    if (!info.querySelector("ComicInfo")) throw new Error(`${file.name} is no ComicInfo file.`);
    const title = textOf(info, "Title");
    const summary = textOf(info, "Summary");
    return {
      tags: [
        ...valueTags(info),
        ...listTags(info),
        ...languageTags(info),
        ...sourceTags(info),
        ...dateTags(info),
        ...(ctx.settings.page_count ? pageTags(info) : []),
      ],
      ...(title && { title }),
      ...(summary && { summary }),
    };
  },
} satisfies MetadataPlugin;
