import type { MarkupElement, MetadataContext, MetadataPlugin } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { type InfoFile, infoFileIn } from "../../shared/info-file.ts";
import { languageTags } from "../../shared/languages.ts";
import { dateTagsIn, foundOf, sourceTags, tagsOf } from "../../shared/tags.ts";
import { childAt, childrenOf, localName, parseRoot, textAt, textIn, textsIn } from "../../shared/xml.ts";

/** Codes of MARC relators (https://id.loc.gov/vocabulary/relators), as EPUB names roles. */
const RELATORS: Readonly<Record<string, string>> = {
  aut: "writer",
  aus: "writer",
  art: "artist",
  ill: "artist",
  clr: "artist",
  cov: "artist",
  edt: "editor",
  trl: "translator",
};

/** The package file that META-INF/container.xml names, or else the one that is there. */
const packageFile = async (ctx: MetadataContext): Promise<InfoFile | undefined> => {
  const container = await infoFileIn(ctx, /^container\.xml$/i);
  if (container) {
    const roots = childrenOf(childAt(parseRoot(ctx, container, "container"), "rootfiles"), "rootfile");
    const name = roots[0]?.getAttribute("full-path");
    const isThere = (await ctx.archive.entries()).some((entry) => entry.name === name);
    if (name && isThere) return { name, text: await ctx.archive.text(name) };
  }
  return infoFileIn(ctx, /\.opf$/i);
};

/** The value that a `meta` gives another element (EPUB 3.3, 5.5.5), or that of the whole book. */
const refinement = (metadata: MarkupElement, property: string, id: string | null): string =>
  textIn(
    childrenOf(metadata, "meta").find(
      (meta) =>
        meta.getAttribute("property") === property && meta.getAttribute("refines") === (id && `#${id}`),
    ),
  );

/** The role of a person. A contributor whose role is none of these, such as a converter, is left out. */
const roleOf = (metadata: MarkupElement, person: MarkupElement): string | undefined => {
  const code =
    person.getAttribute("opf:role") || refinement(metadata, "role", person.getAttribute("id") || null);
  if (localName(person) === "contributor") return RELATORS[code];
  return code === "" ? "writer" : (RELATORS[code] ?? "staff");
};

const people = (metadata: MarkupElement): string[] =>
  ["creator", "contributor"].flatMap((name) =>
    childrenOf(metadata, name).flatMap((person) => {
      const role = roleOf(metadata, person);
      return role === undefined ? [] : creditTags(textIn(person), [role]);
    }),
  );

/** Calibre's `meta name=`, and collections of EPUB 3. */
const seriesTags = (metadata: MarkupElement): string[] => {
  const named = (name: string) =>
    childrenOf(metadata, "meta")
      .find((meta) => meta.getAttribute("name") === name)
      ?.getAttribute("content") ?? "";
  const collections = childrenOf(metadata, "meta").filter(
    (meta) => meta.getAttribute("property") === "belongs-to-collection",
  );
  return [
    ...tagsOf("series", [named("calibre:series"), ...collections.map(textIn)]),
    ...tagsOf("issue", [
      named("calibre:series_index"),
      ...collections.map((one) => refinement(metadata, "group-position", one.getAttribute("id"))),
    ]),
  ];
};

const identifierTags = (identifier: MarkupElement): string[] => {
  const text = textIn(identifier);
  const scheme = identifier.getAttribute("opf:scheme") ?? "";
  const [, isbn] = /^(?:urn:isbn:)?((?:97[89][\d-]{10,14})|[\d-]{9,12}[\dX])$/i.exec(text) ?? [];
  if (isbn && (/isbn/i.test(`${scheme}${text}`) || /^97[89]/.test(isbn)))
    return [`isbn:${isbn.replaceAll("-", "")}`];
  return sourceTags(text);
};

export default {
  namespace: "epub-opf",
  type: "metadata",
  name: "EPUB",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags, title and summary from the package file (.opf) of an EPUB, of the versions 2 and 3.",
  async getTags(ctx) {
    const file = await packageFile(ctx);
    if (!file) return {};
    const metadata = childAt(parseRoot(ctx, file, "package"), "metadata");
    if (!metadata) throw new Error(`${file.name} has no metadata.`);
    const tags = [
      ...people(metadata),
      ...seriesTags(metadata),
      ...tagsOf("", textsIn(metadata, "subject")),
      ...tagsOf("publisher", textsIn(metadata, "publisher")),
      ...textsIn(metadata, "language").flatMap(languageTags),
      ...dateTagsIn(textAt(metadata, "date")),
      ...childrenOf(metadata, "identifier").flatMap(identifierTags),
      ...textsIn(metadata, "source").flatMap(sourceTags),
    ];
    // A description may be HTML.
    const summary = ctx.html(textAt(metadata, "description")).documentElement?.textContent ?? "";
    return foundOf(tags, textAt(metadata, "title"), summary);
  },
} satisfies MetadataPlugin;
