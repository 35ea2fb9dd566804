import type { MarkupElement, MetadataPlugin } from "@hitagi/sdk";

/** Elements of ComicInfo.xml whose list of names becomes tags of a namespace. */
const CREDITS: Record<string, string> = {
  Writer: "writer",
  Penciller: "artist",
  Inker: "artist",
  Colorist: "artist",
  CoverArtist: "artist",
  Letterer: "letterer",
  Editor: "editor",
  Translator: "translator",
};

/** The texts of the elements below ComicInfo by name, in their order. A name may have a prefix, and elements may be repeated. */
type Fields = ReadonlyMap<string, readonly string[]>;

const localName = ({ tagName }: MarkupElement): string => tagName.slice(tagName.indexOf(":") + 1);

const fieldsOf = (root: MarkupElement): Fields => {
  const fields = new Map<string, string[]>();
  for (const element of root.children) {
    const text = element.textContent?.trim() ?? "";
    if (text === "") continue;
    const name = localName(element);
    fields.set(name, [...(fields.get(name) ?? []), text]);
  }
  return fields;
};

/** Lists in ComicInfo.xml are separated by commas, and some programs repeat the element instead. */
const listOf = (fields: Fields, element: string): string[] =>
  (fields.get(element) ?? [])
    .flatMap((text) => text.split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** One name may hold a comma, which would end a tag: `Save me, Lollipop`. */
const nameTags = (fields: Fields, element: string, namespace: string): string[] =>
  (fields.get(element) ?? []).map((name) => `${namespace}:${name.replace(/\s*,\s*/g, " ")}`);

const creditTags = (fields: Fields): string[] =>
  Object.entries(CREDITS).flatMap(([element, namespace]) =>
    listOf(fields, element).map((name) => `${namespace}:${name}`),
  );

/** Codes of ISO 639-2 that name no language: undetermined, multiple, uncoded, none. */
const NO_LANGUAGE = new Set(["und", "mul", "mis", "zxx"]);

/** `ja`, `jpn` and `ja_JP` are tagged as `language:japanese`; a code that is unknown stays as it is. */
const languageTags = (fields: Fields): string[] =>
  (fields.get("LanguageISO") ?? []).flatMap((text) => {
    const code = text.replaceAll("_", "-").toLowerCase();
    const [language = ""] = code.split("-");
    if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(code) || NO_LANGUAGE.has(language)) return [];
    const names = new Intl.DisplayNames(["en"], { type: "language" });
    return [`language:${(names.of(language) ?? language).toLowerCase()}`];
  });

/** An address with its scheme, or one that begins with a host's name, as people write it. */
const ADDRESS = /^(?:https?:\/\/|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]|$))/i;

/** Web holds one address or several, with spaces or commas between; sources are tagged without their scheme. */
const sourceTags = (fields: Fields): string[] =>
  (fields.get("Web") ?? [])
    .flatMap((text) => text.split(/[\s,;]+(?=https?:\/\/|www\.)|\s+/i))
    .filter((address) => ADDRESS.test(address))
    .map((address) => address.replace(/^(?:https?:\/\/)?(?:www\.)?/i, "").replace(/[/,;]+$/, ""))
    .map((address) => `source:${address.replaceAll(",", "%2C")}`);

/** What is left out stays as it is, so a value that is missing must not be there as an empty text. */
const described = (fields: Fields) => {
  const [title] = fields.get("Title") ?? [];
  const [summary] = fields.get("Summary") ?? [];
  return { ...(title && { title }), ...(summary && { summary }) };
};

const depthOf = (name: string): number => name.split("/").length;

export default {
  namespace: "comic-info",
  type: "metadata",
  name: "ComicInfo.xml",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the ComicInfo.xml in an archive.",
  async getTags(ctx) {
    const entries = await ctx.archive.entries();
    const [file] = entries
      .filter(({ name }) => /(^|\/)ComicInfo\.xml$/i.test(name))
      .sort((a, b) => depthOf(a.name) - depthOf(b.name));
    if (!file) {
      ctx.log.debug("This archive has no ComicInfo.xml.");
      return {};
    }
    const text = await ctx.archive.text(file.name);
    if (text.includes("\ufffd"))
      ctx.log.warn(`${file.name} has U+FFFD: the program that wrote it lost characters, which are left out.`);
    const root = ctx.xml(text).documentElement;
    if (!root || localName(root) !== "ComicInfo") throw new Error(`${file.name} is no ComicInfo file.`);
    const fields = fieldsOf(root);
    const tags = [
      ...nameTags(fields, "Series", "series"),
      ...creditTags(fields),
      ...nameTags(fields, "Publisher", "publisher"),
      ...listOf(fields, "Genre"),
      ...listOf(fields, "Tags"),
      ...languageTags(fields),
      ...sourceTags(fields),
    ];
    ctx.log.debug(`${file.name} gave ${tags.length} tags`);
    return { tags, ...described(fields) };
  },
} satisfies MetadataPlugin;
