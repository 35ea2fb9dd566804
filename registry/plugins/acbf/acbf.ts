import type { MarkupElement, MetadataPlugin } from "@hitagi/sdk";
import { creditTags } from "../../shared/credits.ts";
import { infoFileIn } from "../../shared/info-file.ts";
import { languageTags } from "../../shared/languages.ts";
import { dateTagsIn, foundOf, listTags, tagsOf } from "../../shared/tags.ts";
import { childAt, childrenOf, parseRoot, textAt, textIn, textsIn } from "../../shared/xml.ts";

const parameters = {
  language: {
    type: "string",
    desc: "Language of title, summary and keywords, such as en",
    default_value: "en",
  },
} as const;

/** The elements in a language; those that name none where it is missing, and else those of the first language. */
const inLanguage = (elements: MarkupElement[], language: string): MarkupElement[] => {
  const of = (lang: string | null) => elements.filter((one) => one.getAttribute("lang") === lang);
  const [first] = elements;
  return (
    [of(language), of(null), of(first?.getAttribute("lang") ?? null)].find(({ length }) => length > 0) ?? []
  );
};

/** The name of a person, or the nickname where that is all there is. */
const nameOf = (author: MarkupElement): string =>
  ["first-name", "middle-name", "last-name"]
    .map((part) => textAt(author, part))
    .filter((part) => part !== "")
    .join(" ") || textAt(author, "nickname");

const genres = (book: MarkupElement): string[] =>
  childrenOf(book, "genre").map((genre) => textIn(genre).replaceAll("_", " "));

/** Paragraphs, with an empty line between. */
const paragraphs = (annotation: MarkupElement | undefined): string =>
  annotation ? textsIn(annotation, "p").join("\n\n") || textIn(annotation) : "";

/** The languages of the texts on the pages, or else the language of the title. */
const languages = (book: MarkupElement): string[] => {
  const layers = childrenOf(childAt(book, "languages"), "text-layer");
  const named = (layers.length > 0 ? layers : childrenOf(book, "book-title")).map((one) =>
    one.getAttribute("lang"),
  );
  return [...new Set(named)].flatMap((lang) => languageTags(lang ?? ""));
};

/** `<sequence title="Series" volume="2">3</sequence>`. */
const sequenceTags = (book: MarkupElement): string[] =>
  childrenOf(book, "sequence").flatMap((sequence) => [
    ...tagsOf("series", [sequence.getAttribute("title") ?? ""]),
    ...tagsOf("volume", [sequence.getAttribute("volume") ?? ""]),
    ...tagsOf("issue", [textIn(sequence)]),
  ]);

const publishTags = (publish: MarkupElement | undefined): string[] => [
  ...tagsOf("publisher", textsIn(publish, "publisher")),
  ...tagsOf("isbn", textsIn(publish, "isbn")),
  ...tagsOf("license", textsIn(publish, "license")),
  ...childrenOf(publish, "publish-date").flatMap((date) =>
    dateTagsIn(date.getAttribute("value") || textIn(date)),
  ),
];

export default {
  namespace: "acbf",
  type: "metadata",
  name: "ACBF",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags, title and summary from the .acbf file in an archive (Advanced Comic Book Format).",
  parameters,
  async getTags(ctx) {
    const file = await infoFileIn(ctx, /\.acbf$/i);
    if (!file) return {};
    const data = childAt(parseRoot(ctx, file, "ACBF"), "meta-data");
    const book = childAt(data, "book-info");
    if (!book) throw new Error(`${file.name} has no book-info.`);
    const { language } = ctx.settings;
    const own = (name: string) => inLanguage(childrenOf(book, name), language);
    const tags = [
      ...childrenOf(book, "author").flatMap((author) =>
        creditTags(nameOf(author), [author.getAttribute("activity") ?? "Writer"]),
      ),
      ...sequenceTags(book),
      ...tagsOf("", genres(book)),
      ...own("keywords").flatMap((keywords) => listTags("", textIn(keywords))),
      ...tagsOf("character", textsIn(childAt(book, "characters"), "name")),
      ...tagsOf("age_rating", textsIn(book, "content-rating")),
      ...languages(book),
      ...publishTags(childAt(data, "publish-info")),
      ...(childrenOf(book, "reading-direction").some((one) => textIn(one).toUpperCase() === "RTL")
        ? ["reading_direction:right to left"]
        : []),
    ];
    return foundOf(tags, textIn(own("book-title")[0]), paragraphs(own("annotation")[0]));
  },
} satisfies MetadataPlugin<typeof parameters>;
