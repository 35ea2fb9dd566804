import type { MetadataPlugin } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { infoFileIn } from "../../shared/info-file.ts";
import { languageTags } from "../../shared/languages.ts";
import { dateTagsIn, foundOf, sourceTags, tagsOf } from "../../shared/tags.ts";
import { parseRoot, textAt, textsIn } from "../../shared/xml.ts";

/** Elements, and the namespace of their tags. */
const VALUES: Readonly<Record<string, string>> = {
  series: "series",
  issue: "issue",
  volume: "volume",
  publisher: "publisher",
  format: "format",
  rating: "age_rating",
  rights: "rights",
  pages: "pages",
  genre: "",
  character: "character",
};

/** Elements with a person each, and the role. */
const PEOPLE: Readonly<Record<string, string>> = {
  creator: "writer",
  writer: "writer",
  penciller: "penciller",
  inker: "inker",
  colorist: "colorist",
  coverDesigner: "cover artist",
  letterer: "letterer",
  editor: "editor",
};

/** An address is the archive's source; any other identifier is its own tag. */
const identifierTags = (identifier: string): string[] =>
  /^https?:\/\//i.test(identifier) ? sourceTags(identifier) : tagsOf("identifier", [identifier]);

export default {
  namespace: "comet",
  type: "metadata",
  name: "CoMet",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the CoMet.xml in an archive (The Comic Metadata Format).",
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /^CoMet\.xml$/i);
    if (!file) return {};
    const root = parseRoot(ctx, file, "comet");
    const tags = [
      ...Object.entries(VALUES).flatMap(([element, namespace]) => tagsOf(namespace, textsIn(root, element))),
      ...Object.entries(PEOPLE).flatMap(([element, role]) =>
        textsIn(root, element).flatMap((person) => creditTags(person, [role])),
      ),
      ...textsIn(root, "language").flatMap(languageTags),
      ...dateTagsIn(textAt(root, "date")),
      ...textsIn(root, "identifier").flatMap(identifierTags),
      ...(textAt(root, "readingDirection").toLowerCase() === "rtl"
        ? ["reading_direction:right to left"]
        : []),
    ];
    return foundOf(tags, textAt(root, "title"), textAt(root, "description"));
  },
} satisfies MetadataPlugin;
