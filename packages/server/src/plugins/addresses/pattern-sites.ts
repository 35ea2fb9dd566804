/** The most hosts that are told of one pattern. */
const MAX_SITES = 8;

/** A group of alternatives without a group in it, also an optional one: `(e-|ex)`, `(?:www\.)?`. */
const GROUP = /\((?:\?:)?([^()]*)\)(\?)?/;

/** The pattern once for each alternative of its first group; without the group if it is optional. */
const withoutGroup = (pattern: string): string[] => {
  const group = GROUP.exec(pattern);
  if (!group) return [pattern];
  const [whole, alternatives = "", optional] = group;
  const choices = optional ? [""] : alternatives.split("|");
  return choices.map((choice) => pattern.replace(whole, () => choice));
};

/** All groups replaced by their alternatives; the first ones only, as a pattern can have any number. */
const expanded = (pattern: string): string[] => {
  let found = [pattern];
  while (found.some((one) => GROUP.test(one))) found = found.flatMap(withoutGroup).slice(0, MAX_SITES);
  return found;
};

/** The part of a pattern between the scheme and the path. */
const HOST = /https\??:\/\/(.*?)(?:\/|$)/;

/**
 * The hosts that a `url_regex` is for, as far as they can be told from its text: `^https?://(e-|ex)hentai\.org/g/` is for
 * e-hentai.org and exhentai.org.
 */
export const sitesOf = (pattern: string): string[] => {
  const [, host = ""] = HOST.exec(pattern.replaceAll("\\/", "/")) ?? [];
  const hosts = expanded(host).map((one) => one.replace(/\\\.|\[\.\]/g, "."));
  return [...new Set(hosts.filter((one) => /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?$/i.test(one)))];
};
