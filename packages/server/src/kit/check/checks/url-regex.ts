import { createUrlMatcher, type UrlMatch } from "../../../runtimes/url-pattern.ts";
import type { Check, Fault } from "../types.ts";

/** Addresses of which a pattern that backtracks makes years of work. */
const ADDRESSES = [
  `https://example.org/${"a".repeat(1500)}!`,
  `https://example.org/${"/".repeat(1500)}!`,
  `https://example.org/${"1-".repeat(750)}!`,
  `https://www.${"example.".repeat(150)}org`,
];

/** A server checks plugins that are not installed: their patterns hold up no request. */
const matchUrl = createUrlMatcher();

/** What is wrong with a pattern. @param place of it in the source */
const faultsOf = async (pattern: string, place: Pick<Fault, "line" | "column">): Promise<Fault[]> => {
  const matches: UrlMatch[] = [];
  for (const address of ADDRESSES) {
    matches.push(await matchUrl(pattern, address));
    // Each of the others would take two seconds too.
    if (matches.includes("too slow")) break;
  }
  if (matches.includes("too slow")) {
    const message =
      "The pattern needs more than two seconds for some addresses, which quarantines the plugin.";
    const hint =
      "Do without groups in groups that repeat, such as (a+)+, and without lookarounds and references.";
    return [{ ...place, message, hint }];
  }
  if (!matches.includes("matches")) return [];
  const message = "The pattern takes addresses of any site.";
  const hint = "Begin it with the site, such as ^https?://(?:www\\.)?example\\.org/.";
  return [{ ...place, severity: "warning", message, hint }];
};

/** A pattern that needs two seconds quarantines its plugin. */
export const urlRegex: Check = {
  rule: "url-regex",
  severity: "error",
  isForOwners: true,
  run: async ({ plugin, manifestSource }) => {
    const { url_regex, source_regex } = plugin?.manifest ?? {};
    const found = Object.entries({ url_regex, source_regex }).map(([field, pattern]) =>
      pattern === undefined ? [] : faultsOf(pattern, manifestSource.placeOf([field])),
    );
    return (await Promise.all(found)).flat();
  },
};
