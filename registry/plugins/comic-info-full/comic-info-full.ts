import type { MarkupElement, MetadataPlugin } from "@hitagi/sdk";
import { infoFileIn } from "../../shared/info-file.ts";
import { languageTags } from "../../shared/languages.ts";
import { dateTags, foundOf, listTags, sourceTags, tagsOf } from "../../shared/tags.ts";
import { parseRoot, textAt, textsIn } from "../../shared/xml.ts";

const parameters = {
  notes: { type: "bool", desc: "Add the notes and the review to the summary", default_value: false },
} as const;

/** Elements with a list of names, separated by commas, and the namespace of the tags. */
const LISTS: Readonly<Record<string, string>> = {
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
  SeriesGroup: "series_group",
  Genre: "",
  Tags: "",
};

/** Elements with one value. */
const VALUES: Readonly<Record<string, string>> = {
  Series: "series",
  Number: "issue",
  Volume: "volume",
  Count: "issue_count",
  AlternateSeries: "alternate_series",
  AlternateNumber: "alternate_issue",
  AlternateCount: "alternate_issue_count",
  Publisher: "publisher",
  Imprint: "imprint",
  Format: "format",
  AgeRating: "age_rating",
  CommunityRating: "community_rating",
  MainCharacterOrTeam: "main_character",
  PageCount: "pages",
  ScanInformation: "scan",
  GTIN: "gtin",
};

/** What the schema writes for a value that is not known. */
const UNKNOWN = new Set(["-1", "unknown", ""]);

const valueTags = (root: MarkupElement): string[] =>
  Object.entries(VALUES).flatMap(([element, namespace]) => {
    const values = textsIn(root, element).filter((value) => !UNKNOWN.has(value.toLowerCase()));
    return tagsOf(namespace, element === "PageCount" ? values.filter((pages) => pages !== "0") : values);
  });

/** `StoryArc` and `StoryArcNumber` are lists of the same length. */
const arcTags = (root: MarkupElement): string[] => {
  const numbers = textAt(root, "StoryArcNumber").split(",");
  const arcs = textAt(root, "StoryArc").split(",");
  return arcs.flatMap((arc, i) => [
    ...tagsOf("arc", [arc]),
    ...(arc.trim() && numbers[i]?.trim() ? tagsOf("arc_issue", [`${arc} ${numbers[i]}`]) : []),
  ]);
};

const kindTags = (root: MarkupElement): string[] => [
  ...(/^Yes/.test(textAt(root, "Manga")) ? ["manga"] : []),
  ...(textAt(root, "Manga") === "YesAndRightToLeft" ? ["reading_direction:right to left"] : []),
  ...(textAt(root, "BlackAndWhite") === "Yes" ? ["black and white"] : []),
];

export default {
  namespace: "comic-info-full",
  type: "metadata",
  name: "ComicInfo.xml, all fields",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads every field of the ComicInfo.xml in an archive, of the versions 2.0 and 2.1. The builtin plugin reads the most usual ones.",
  parameters,
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^ComicInfo\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "ComicInfo");
    const tags = [
      ...valueTags(root),
      ...Object.entries(LISTS).flatMap(([element, namespace]) =>
        textsIn(root, element).flatMap((text) => listTags(namespace, text)),
      ),
      ...arcTags(root),
      ...kindTags(root),
      ...textsIn(root, "LanguageISO").flatMap(languageTags),
      ...dateTags(textAt(root, "Year"), textAt(root, "Month"), textAt(root, "Day")),
      ...textsIn(root, "Web").flatMap(sourceTags),
    ];
    const texts = ["Summary", ...(ctx.settings.notes ? ["Notes", "Review"] : [])];
    const summary = texts.map((element) => textAt(root, element)).filter((text) => text !== "");
    return foundOf(tags, textAt(root, "Title"), summary.join("\n\n"));
  },
} satisfies MetadataPlugin<typeof parameters>;
