import type { MetadataPlugin } from "@hitagi/sdk";

/** `(event) [circle (artist)] title (series) [language] tail`; all but the title may be missing. */
const CONVENTION =
  "(\\((?<event>[^([]+)\\))?\\s*(\\[(?<artist>[^\\]]+)\\])?\\s*(?<title>[^([]+)\\s*" +
  "(\\((?<series>[^([)]+)\\))?\\s*(\\[(?<language>[^\\]]+)\\])?(?<tail>.*)?";

const parameters = {
  trailing_tags: {
    type: "bool",
    desc: "Take the text in curly braces at the end of the name as tags, separated by commas",
    default_value: false,
  },
  keep_rest: {
    type: "bool",
    desc: "Also add what stands in other brackets, as tags of the namespace parsed",
    default_value: false,
  },
  regex: {
    type: "string",
    desc: "A regular expression with named groups: title, tail, artist, tag, and any namespace, each with a number behind it if there are several",
    default_value: CONVENTION,
  },
  replace_title: {
    type: "bool",
    desc: "Replace also a title that is not the file's name, such as one that another plugin has set",
    default_value: false,
  },
} as const;

const PARSED = "parsed:";

/** Words in brackets that are no language and no series. */
const COMMON = new Set([
  ...["uncensored", "decensored", "ongoing", "pixiv", "twitter", "fanbox", "cosplay", "digital"],
]);

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const split = (text: string): string[] => text.split(",").map((part) => part.trim());

/** One tag: a comma would make it two. */
const one = (text: string): string => text.replace(/\s*,\s*/g, " ").trim();

const withNamespace = (text: string, namespace: string): string =>
  (namespace !== "" && COMMON.has(text.toLowerCase())) || NUMBER.test(text)
    ? PARSED + text
    : namespace + text;

/** `circle (artist, artist)`, or artists alone. */
const artistTags = (value: string): string[] => {
  const [, circle, inside] = /(.*) \((.*)\)/.exec(value) ?? [];
  const artists = split(inside ?? value).map((artist) => withNamespace(artist, "artist:"));
  return circle === undefined ? artists : [`group:${one(circle)}`, ...artists];
};

const tagsOf = (name: string, value: string): string[] => {
  const namespace = name.replace(/\d+$/, "");
  if (namespace === "tag") return split(value);
  if (namespace === "artist") return artistTags(value);
  if (namespace === "event") return [`event:${one(value)}`];
  return [withNamespace(one(value), `${namespace}:`)];
};

const bracketed = (text: string): string[] =>
  [...text.matchAll(/\(([^)]+)\)|\{([^}]+)\}|\[([^\]]+)\]/g)].map(([, ...groups]) =>
    one(groups.find((group) => group !== undefined) ?? ""),
  );

/** In Perl a `]` at the start of a class belongs to it: `[^]]` is `[^\\]]` here. */
const withEscapedBrackets = (pattern: string): string =>
  pattern.replace(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]/gs, (part) => part.replace(/^(\[\^?)\]/, "$1\\]"));

const toRegExp = (pattern: string): RegExp => {
  try {
    return new RegExp(withEscapedBrackets(pattern), "s");
  } catch (error) {
    throw new Error(`The setting regex is no regular expression: ${(error as Error).message}`);
  }
};

const ENDING = /\.(?:tar\.(?:gz|bz2|xz|zst)|[^.]+)$/i;

/** The file's name without its ending, and without the number that the library adds to a name that is taken. */
const nameOf = ({ filename, title }: { filename: string; title: string }): string => {
  const name = filename.normalize("NFC").replace(ENDING, "").trim();
  return name.replace(/ \(\d+\)$/, "") === title ? title : name;
};

export default {
  namespace: "filename-parse",
  type: "metadata",
  name: "Filename parsing",
  version: "2.0.0",
  author: "Hitagi",
  description: "Reads tags and title from names like (event) [circle (artist)] title (series) [language].",
  parameters,
  getTags({ archive, settings }) {
    const title = archive.title.normalize("NFC").trim();
    const name = nameOf({ filename: archive.filename, title });
    const groups = toRegExp(settings.regex).exec(name.replaceAll("_", " "))?.groups;
    if (!groups) return { tags: [] };
    const { title: found, tail = "", ...others } = groups;
    const [, head, trailing] = (settings.trailing_tags && /^(.*)\{([^}]*)\}$/s.exec(tail.trim())) || [];
    const tags = [
      ...Object.entries(others).flatMap(([group, value]) =>
        value?.trim() ? tagsOf(group, value.trim()) : [],
      ),
      ...bracketed(head ?? tail).map((text) => PARSED + text),
      ...(trailing ? split(trailing).map((text) => withNamespace(text, "")) : []),
    ].filter((tag) => tag !== "" && (settings.keep_rest || !tag.startsWith(PARSED)));
    const isFree = settings.replace_title || title === name;
    return { tags: tags.sort(), ...(found?.trim() && isFree && { title: found.trim() }) };
  },
} satisfies MetadataPlugin<typeof parameters>;
