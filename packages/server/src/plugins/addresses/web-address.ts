/** A host with a dot, as a person pastes it and as LANraragi writes sources: without the scheme. */
const WITHOUT_SCHEME = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:[/?#]|$)/i;

/** A text as the address of a web page; undefined if it is none. */
export const webAddressOf = (text: string): string | undefined => {
  const given = text.trim();
  const address = WITHOUT_SCHEME.test(given) ? `https://${given}` : given;
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? address : undefined;
};

const SOURCE = "source:";

/** The values of the `source:` tags, in their order. */
export const sourcesIn = (tags: readonly string[]): string[] =>
  tags
    .filter((tag) => tag.toLowerCase().startsWith(SOURCE))
    .map((tag) => tag.slice(SOURCE.length).trim())
    .filter((source) => source !== "");

/** The host of an address without `www.`, or the text itself where it is none. */
export const siteOf = (text: string): string => {
  const address = webAddressOf(text);
  return address === undefined ? text : new URL(address).host.replace(/^www\./, "");
};
