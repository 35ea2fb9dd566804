/**
 * The addresses that LANraragi's own metadata plugins read, by namespace. Their `plugin_info` declares none: each plugin looks for
 * them in its argument and in `source:` tags (lib/LANraragi/Plugin/Metadata).
 */
export const lanraragiAddresses: ReadonlyMap<string, string> = new Map([
  ["ehplugin", "^https?://(e-|ex)hentai\\.org/g/[0-9]+/"],
  ["memsplugin", "^https?://(e-|ex)hentai\\.org/g/[0-9]+/"],
  ["hitomiplugin", "^https?://hitomi\\.la/.+\\.html"],
  ["nhplugin", "^https?://nhentai\\.net/g/[0-9]+"],
  ["fakkumetadata", "^https?://(www\\.)?fakku\\.net/hentai/"],
  ["trabant", "^https?://panda\\.chaika\\.moe/(gallery|archive)/[0-9]+"],
  ["pixivmetadata", "^https?://(www\\.)?pixiv\\.net/([a-z]{2}/)?artworks/[0-9]+"],
]);
