import type { MarkupElement, MetadataContext, MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { languageTags } from "../../shared/languages.ts";
import { dateTagsIn, foundOf, sourceTags, tagsOf } from "../../shared/tags.ts";
import { bytesAsText, infoDictionary, stringAt } from "./info-dictionary.ts";

/** Bytes of one request. */
const PIECE = 4 * 1024 * 1024;

/** The beginning and the end of the file, where programs write what describes it. */
const readEnds = async ({ archive }: MetadataContext): Promise<string> => {
  const { size, readAt } = await archive.open();
  const offsets = size <= PIECE ? [0] : [0, Math.max(PIECE, size - PIECE)];
  const pieces = [];
  for (const offset of offsets) pieces.push(bytesAsText(await readAt(offset, PIECE)));
  return pieces.join("\n");
};

/** Names in one text, with semicolons between them, or else commas. */
const names = (text: string): string[] =>
  text.split(text.includes(";") ? ";" : ",").map((name) => name.trim());

const fromInfo = (dictionary: string): MetadataResult => {
  const [, year, month, day] = /^D:(\d{4})(\d\d)?(\d\d)?/.exec(stringAt(dictionary, "CreationDate")) ?? [];
  const created = [year, month, day].filter((part) => part !== undefined).join("-");
  const tags = [
    ...tagsOf("writer", names(stringAt(dictionary, "Author"))),
    ...tagsOf("", names(stringAt(dictionary, "Keywords"))),
    ...tagsOf("created", [created]),
  ];
  return foundOf(tags, stringAt(dictionary, "Title"), stringAt(dictionary, "Subject"));
};

const localName = ({ tagName }: MarkupElement): string => tagName.slice(tagName.indexOf(":") + 1);

/** The values of a property of XMP: the items of its list, or its text. */
const valuesOf = (packet: MarkupElement, prefix: string, property: string): string[] => {
  const elements = [...packet.querySelectorAll("*")];
  const found = elements.find(({ tagName }) => tagName === `${prefix}:${property}`);
  if (!found) return [];
  const items = [...found.querySelectorAll("*")].filter((element) => localName(element) === "li");
  return (items.length > 0 ? items : [found]).map(({ textContent }) => textContent?.trim() ?? "");
};

/** An XMP packet (ISO 16684-1) says the same as the dictionary, and more; it is never compressed where others shall find it. */
const fromXmp = (packet: MarkupElement): MetadataResult => {
  const dc = (property: string) => valuesOf(packet, "dc", property);
  const tags = [
    ...tagsOf("writer", dc("creator")),
    ...tagsOf("", dc("subject")),
    ...tagsOf("publisher", dc("publisher")),
    ...dc("language").flatMap(languageTags),
    ...dc("date").slice(0, 1).flatMap(dateTagsIn),
    ...tagsOf("isbn", valuesOf(packet, "prism", "isbn")),
    ...dc("source").flatMap(sourceTags),
  ];
  return foundOf(tags, dc("title")[0], dc("description")[0]);
};

const xmpIn = (ctx: MetadataContext, file: string): MarkupElement | undefined => {
  const start = file.lastIndexOf("<x:xmpmeta");
  const end = file.indexOf("</x:xmpmeta>", start);
  if (start < 0 || end < 0) return undefined;
  const bytes = Uint8Array.from(file.slice(start, end), (character) => character.charCodeAt(0));
  const text = `${new TextDecoder().decode(bytes)}</x:xmpmeta>`;
  return ctx.xml(text).documentElement ?? undefined;
};

export default {
  namespace: "pdf-info",
  type: "metadata",
  name: "PDF document information",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags, title and summary from the document information of a PDF, and from its XMP packet.",
  async getTags(ctx) {
    if (!/\.pdf$/i.test(ctx.archive.filename)) return {};
    const file = await readEnds(ctx);
    if (/\/Encrypt\s+\d+\s+\d+\s+R/.test(file)) {
      ctx.log.info(`${ctx.archive.filename} is encrypted, so its information cannot be read`);
      return {};
    }
    const dictionary = await infoDictionary(file);
    const packet = xmpIn(ctx, file);
    const info = dictionary === undefined ? {} : fromInfo(dictionary);
    const xmp = packet ? fromXmp(packet) : {};
    return { ...info, ...xmp, tags: [...(info.tags ?? []), ...(xmp.tags ?? [])] };
  },
} satisfies MetadataPlugin;
