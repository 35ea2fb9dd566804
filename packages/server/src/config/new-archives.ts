import { libraryFolder } from "../library/place.ts";
import type { Config } from "./config.ts";

/**
 * Who runs the enabled metadata plugins on new archives. Where this server has LANraragi's library and its Redis, both have the
 * same enabled plugins, and LANraragi runs them itself.
 */
export const newArchivesBy = ({
  newArchives,
  library,
  store,
}: Pick<Config, "newArchives" | "library" | "store">): "here" | "lanraragi" => {
  if (newArchives !== "auto") return newArchives;
  return libraryFolder({ library }) === undefined && store.startsWith("redis") ? "lanraragi" : "here";
};
