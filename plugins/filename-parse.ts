import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = {
  keep_rest: {
    type: "bool",
    desc: "Also add what stands in brackets after the title and is no language, such as [Digital]",
    default_value: false,
  },
} as const;

/** `(event) [circle (artist)] title (parody) [language] [anything else]`; all but the title may be missing. A number is no parody. */
const CONVENTION =
  /^\s*(?:\((?<event>[^()]+)\)\s*)?(?:\[(?<creator>[^[\]]+)\]\s*)?(?<title>.*?)\s*(?:\((?<parody>(?!\d+\))[^()]+)\)\s*)?(?<rest>(?:[[{][^[\]{}]+[\]}]\s*)*)$/u;

const LANGUAGES =
  /^(?:arabic|chinese|czech|danish|dutch|english|finnish|french|german|greek|hebrew|hungarian|indonesian|italian|japanese|korean|norwegian|polish|portuguese|romanian|russian|spanish|swedish|thai|turkish|ukrainian|vietnamese)$/i;

const trimmed = (text: string | undefined): string => text?.trim() ?? "";

/** `circle (artist, artist)`, or an artist alone. */
const creatorTags = (creator: string): string[] => {
  const { circle, artists } = /^(?<circle>.+?)\s*\((?<artists>[^()]+)\)$/u.exec(creator)?.groups ?? {};
  if (circle === undefined || artists === undefined) return [`artist:${creator}`];
  return [`group:${circle}`, ...artists.split(/[,、]/).map((artist) => `artist:${artist.trim()}`)];
};

const bracketed = (rest: string): string[] =>
  [...rest.matchAll(/[[{]([^[\]{}]+)[\]}]/gu)].map(([, text]) => trimmed(text));

export default {
  namespace: "filename-parse",
  type: "metadata",
  name: "Filename parsing",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags and title from names like (event) [circle (artist)] title (parody) [language].",
  parameters,
  getTags(ctx) {
    const name = ctx.archive.filename.replace(/\.(zip|cbz)$/i, "");
    const { event, creator, title, parody, rest } = CONVENTION.exec(name)?.groups ?? {};
    const brackets = bracketed(rest ?? "");
    const tags = [
      ...(event ? [`event:${trimmed(event)}`] : []),
      ...(creator ? creatorTags(trimmed(creator)) : []),
      ...(parody ? [`parody:${trimmed(parody)}`] : []),
      ...brackets.filter((text) => LANGUAGES.test(text)).map((text) => `language:${text.toLowerCase()}`),
      ...(ctx.settings.keep_rest ? brackets.filter((text) => !LANGUAGES.test(text)) : []),
    ];
    return { tags, ...(title && { title }) };
  },
} satisfies MetadataPlugin<typeof parameters>;
