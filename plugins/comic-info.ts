import type { MarkupDocument, MetadataPlugin } from "@hitagi/sdk";

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

const textOf = (info: MarkupDocument, element: string): string =>
  info.querySelector(`ComicInfo > ${element}`)?.textContent?.trim() ?? "";

/** Lists in ComicInfo.xml are separated by commas. */
const listOf = (info: MarkupDocument, element: string): string[] =>
  textOf(info, element)
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** One name may hold a comma, which would end a tag: `Save me, Lollipop`. */
const nameTags = (info: MarkupDocument, element: string, namespace: string): string[] => {
  const name = textOf(info, element).replace(/\s*,\s*/g, " ");
  return name === "" ? [] : [`${namespace}:${name}`];
};

const creditTags = (info: MarkupDocument): string[] =>
  Object.entries(CREDITS).flatMap(([element, namespace]) =>
    listOf(info, element).map((name) => `${namespace}:${name}`),
  );

/** `ja` is tagged as `language:japanese`; a code that is unknown stays as it is. */
const languageTags = (info: MarkupDocument): string[] => {
  const code = textOf(info, "LanguageISO");
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(code)) return [];
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  return [`language:${(names.of(code.split("-")[0] ?? code) ?? code).toLowerCase()}`];
};

/** Web holds one address or several with spaces between; sources are tagged without their scheme. */
const sourceTags = (info: MarkupDocument): string[] =>
  textOf(info, "Web")
    .split(/\s+/)
    .filter((address) => /^https?:\/\//i.test(address))
    .map((address) => address.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/+$/, ""))
    .map((address) => `source:${address.replaceAll(",", "%2C")}`);

/** What is left out stays as it is, so a value that is missing must not be there as an empty text. */
const described = (info: MarkupDocument) => {
  const title = textOf(info, "Title");
  const summary = textOf(info, "Summary");
  return { ...(title && { title }), ...(summary && { summary }) };
};

export default {
  namespace: "comic-info",
  type: "metadata",
  name: "ComicInfo.xml",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the ComicInfo.xml in an archive.",
  async getTags(ctx) {
    const entries = await ctx.archive.entries();
    const files = entries.filter(({ name }) => /(^|\/)ComicInfo\.xml$/i.test(name));
    const file = files.find(({ name }) => !name.includes("/")) ?? files[0];
    if (!file) throw new Error("This archive has no ComicInfo.xml.");
    const info = ctx.xml(await ctx.archive.text(file.name));
    if (!info.querySelector("ComicInfo")) throw new Error(`${file.name} is no ComicInfo file.`);
    const tags = [
      ...nameTags(info, "Series", "series"),
      ...creditTags(info),
      ...nameTags(info, "Publisher", "publisher"),
      ...listOf(info, "Genre"),
      ...listOf(info, "Tags"),
      ...languageTags(info),
      ...sourceTags(info),
    ];
    ctx.log.debug(`${file.name} gave ${tags.length} tags`);
    return { tags, ...described(info) };
  },
} satisfies MetadataPlugin;
