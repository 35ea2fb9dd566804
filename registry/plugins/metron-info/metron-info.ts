import type { MarkupElement, MetadataPlugin } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { infoFileIn } from "../../shared/info-file.ts";
import { languageTags } from "../../shared/languages.ts";
import { dateTagsIn, foundOf, sourceTags, tagsOf } from "../../shared/tags.ts";
import { childAt, childrenOf, parseRoot, textAt, textIn, textsIn } from "../../shared/xml.ts";

/** Paths of elements with one value, and the namespace of the tag. */
const VALUES: readonly (readonly [namespace: string, ...path: string[]])[] = [
  ["publisher", "Publisher", "Name"],
  ["imprint", "Publisher", "Imprint"],
  ["series", "Series", "Name"],
  ["volume", "Series", "Volume"],
  ["format", "Series", "Format"],
  ["series_year", "Series", "StartYear"],
  ["issue_count", "Series", "IssueCount"],
  ["manga_volume", "MangaVolume"],
  ["issue", "Number"],
  ["alternate_issue", "AlternativeNumber"],
  ["pages", "PageCount"],
  ["age_rating", "AgeRating"],
  ["community_rating", "CommunityRating", "AverageRating"],
  ["isbn", "GTIN", "ISBN"],
  ["upc", "GTIN", "UPC"],
];

/** Paths of lists, the name of their items, and the namespace of the tags. */
const LISTS: readonly (readonly [namespace: string, item: string, ...path: string[]])[] = [
  ["", "Genre", "Genres"],
  ["", "Tag", "Tags"],
  ["character", "Character", "Characters"],
  ["team", "Team", "Teams"],
  ["location", "Location", "Locations"],
  ["reprint", "Reprint", "Reprints"],
  ["alternate_series", "AlternativeName", "Series", "AlternativeNames"],
];

const valueTags = (root: MarkupElement): string[] =>
  VALUES.flatMap(([namespace, ...path]) => {
    const value = textAt(root, ...path);
    return value === "0" || value === "Unknown" ? [] : tagsOf(namespace, [value]);
  });

/** `<ID source="Comic Vine">12</ID>` is tagged as `comic_vine:12`. */
const idTags = (root: MarkupElement): string[] =>
  childrenOf(childAt(root, "IDS"), "ID").flatMap((id) =>
    tagsOf((id.getAttribute("source") ?? "id").toLowerCase().replace(/\s+/g, "_"), [textIn(id)]),
  );

const arcTags = (root: MarkupElement): string[] =>
  childrenOf(childAt(root, "Arcs"), "Arc").flatMap((arc) => {
    const [name, number] = [textAt(arc, "Name"), textAt(arc, "Number")];
    return [...tagsOf("arc", [name]), ...(number ? tagsOf("arc_issue", [`${name} ${number}`]) : [])];
  });

const people = (root: MarkupElement): string[] =>
  childrenOf(childAt(root, "Credits"), "Credit").flatMap((credit) =>
    creditTags(textAt(credit, "Creator"), textsIn(childAt(credit, "Roles"), "Role")),
  );

export default {
  namespace: "metron-info",
  type: "metadata",
  name: "MetronInfo.xml",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the MetronInfo.xml in an archive.",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^MetronInfo\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "MetronInfo");
    const universes = childrenOf(childAt(root, "Universes"), "Universe").map((one) => textAt(one, "Name"));
    const tags = [
      ...valueTags(root),
      ...LISTS.flatMap(([namespace, item, ...path]) =>
        tagsOf(namespace, textsIn(childAt(root, ...path), item)),
      ),
      ...arcTags(root),
      ...tagsOf("universe", universes),
      ...people(root),
      ...languageTags(childAt(root, "Series")?.getAttribute("lang") ?? ""),
      ...dateTagsIn(textAt(root, "CoverDate") || textAt(root, "StoreDate")),
      ...idTags(root),
      ...textsIn(childAt(root, "URLs"), "URL").flatMap(sourceTags),
    ];
    const stories = textsIn(childAt(root, "Stories"), "Story");
    return foundOf(tags, textAt(root, "CollectionTitle") || stories.join("; "), textAt(root, "Summary"));
  },
} satisfies MetadataPlugin;
