import type { JsonObject } from "./json.ts";

/** Programs that leave an info.json. */
export type Downloader = "eze" | "hdoujin" | "koromo" | "gallery-dl";

const KOROMO = ["Title", "Tags", "Artist", "Artists", "Magazine", "Parody", "URL"];
const HDOUJIN = ["url", "circle", "author", "artist", "parody", "characters"];

const hasOne = (info: JsonObject, keys: readonly string[]): boolean => keys.some((key) => key in info);

/** The program whose form an info.json has: each reader leaves the files of the others alone. */
export const downloaderOf = (info: JsonObject): Downloader | undefined => {
  if ("gallery_info" in info) return "eze";
  if ("manga_info" in info) return "hdoujin";
  if (hasOne(info, KOROMO)) return "koromo";
  if ("tags" in info && ("category" in info || !("url" in info || "circle" in info))) return "gallery-dl";
  return hasOne(info, HDOUJIN) ? "hdoujin" : undefined;
};
