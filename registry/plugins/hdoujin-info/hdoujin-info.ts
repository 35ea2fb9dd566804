import type { MetadataPlugin, MetadataResult } from "@hitagi/sdk";
import { infoFileIn } from "../../shared/info-file.ts";
import { downloaderOf } from "../../shared/info-json.ts";
import { type JsonObject, objectOf, parseObject, textOf, textsOf } from "../../shared/json.ts";
import { foundOf, listTags } from "../../shared/tags.ts";

/** Fields whose values are tags, and the namespace of each. */
const FIELDS: Readonly<Record<string, string>> = {
  artist: "artist",
  author: "author",
  circle: "circle",
  character: "character",
  characters: "character",
  language: "language",
  parody: "parody",
  series: "series",
  tags: "",
};

/** Namespaces inside of `tags`, where they are written in another way. */
const RENAMED: Readonly<Record<string, string>> = {
  characters: "character",
  misc: "other",
  tags: "",
  url: "source",
};

/** The address as LANraragi keeps it: without scheme, `www.`, query and the last slash. */
const trimmedAddress = (url: string): string =>
  url
    .trim()
    .replace(/^https?:\/\/(www\.)?([^?]*).*$/i, "$2")
    .replace(/\/$/, "");

/** Values may hold several names with commas between. @param fields by their names in lower case */
const tagsOfFields = (fields: JsonObject): string[] => [
  ...Object.entries(FIELDS).flatMap(([field, namespace]) => {
    const value = fields[field];
    const grouped = Object.entries(objectOf(value)).flatMap(([name, names]) =>
      textsOf(names).flatMap((text) => listTags(RENAMED[name.toLowerCase()] ?? name.toLowerCase(), text)),
    );
    return [...textsOf(value).flatMap((text) => listTags(namespace, text)), ...grouped];
  }),
  ...textsOf(fields.url).flatMap((url) => listTags("source", trimmedAddress(url))),
];

const resultOf = (fields: JsonObject): MetadataResult =>
  foundOf(tagsOfFields(fields), textOf(fields.title), textOf(fields.description));

const lowerCased = (info: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(info).map(([key, value]) => [key.toLowerCase(), value]));

/** Lines of `NAME: value`. */
const parseLines = (text: string): JsonObject =>
  Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value = ""] = /^\uFEFF?([a-z]+): (.*)$/i.exec(line) ?? [];
      return name === undefined || value.trim() === "" ? [] : [[name.toLowerCase(), value]];
    }),
  );

export default {
  namespace: "hdoujin-info",
  type: "metadata",
  name: "HDoujin info.json and info.txt",
  version: "1.0.0",
  author: "Hitagi",
  description:
    "Reads tags, title and summary from the info.json or info.txt that HDoujin Downloader leaves in an archive.",
  async getTags(ctx) {
    const json = await infoFileIn(ctx, /^info\.json$/i);
    if (json) {
      const info = parseObject(json.name, json.text);
      // A setting of the program puts all fields into one object.
      return downloaderOf(info) === "hdoujin" ? resultOf(lowerCased(objectOf(info.manga_info ?? info))) : {};
    }
    const lines = await infoFileIn(ctx, /^info\.txt$/i);
    return lines ? resultOf(parseLines(lines.text)) : {};
  },
} satisfies MetadataPlugin;
