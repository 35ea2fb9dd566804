/** Functions that a translated file brings along where it uses them. */
export const helpers = {
  notTranslated: (file: string) => `/** Where the original line has no translation yet. */
const notTranslated = (line: number): any => {
  throw new Error(\`Line \${line} of ${file} is not translated.\`);
};`,
  request: () => `/** An answer with its text, which can be read more than once. */
const request = async (url: string | URL, init: RequestInit) => {
  const response = await fetch(url, init);
  const { status, statusText, ok, headers } = response;
  return { status, statusText, ok, headers, text: await response.text() };
};`,
  split: () => `/** As Perl splits: without empty texts at the end. */
const split = (text: string, separator: string | RegExp, limit = 0): string[] => {
  const parts = text.split(separator);
  if (limit > 0 && parts.length > limit && typeof separator === "string")
    parts.push(parts.splice(limit - 1).join(separator));
  while (limit === 0 && parts.at(-1) === "") parts.pop();
  return parts;
};`,
  quotemeta: () => `/** A text as a part of a pattern that matches itself. */
const quotemeta = (text: string): string => text.replace(/[^A-Za-z0-9_]/g, "\\\\$&");`,
  isArchive: () => `const isArchive = (name: string): boolean =>
  /.\\.(?:zip|cbz|cbw|rar|cbr|7z|cb7|tar|cbt|tar\\.gz|tar\\.zst|zst|lzma|xz|pdf|epub)$/i.test(name);`,
  isImage: () => `const isImage = (name: string): boolean =>
  /.\\.(?:png|jpe?g|jfif|gif|bmp|webp|avif|hei[cf]|jxl)$/i.test(name);`,
  isHash: () => `const isHash = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);`,
  trimAddress:
    () => `/** An address as source tags have it: without scheme, \`www.\`, query and last slash. */
const trimAddress = (address: string): string =>
  address.trim().replace(/^.*?https?:\\/\\/(?:www\\.)?([^?]*).*$/, "$1").replace(/\\/$/, "");`,
  archiveFrom: (
    _file: string,
    context: string,
  ) => `/** The id of the archive that was downloaded from an address; undefined without one. */
const archiveFrom = async (ctx: ${context}, address: string): Promise<string | undefined> => {
  const wanted = trimAddress(address).toLowerCase();
  const found = await ctx.library.search(wanted.slice(0, 1024), 1000);
  const isIt = (tag: string) =>
    /^source:/i.test(tag) && trimAddress(tag.replace(/^source:\\s*/i, "")).toLowerCase() === wanted;
  return found.find(({ tags }) => tags.some(isIt))?.id;
};`,
  thumbnailHash: (_file: string, context: string) => `/** The SHA-1 of the first page; empty without one. */
const thumbnailHash = async (ctx: ${context}): Promise<string> => {
  const names = (await ctx.archive.entries()).map(({ name }) => name).filter(isImage);
  const [first] = names.sort(new Intl.Collator("en", { numeric: true }).compare);
  if (first === undefined) return "";
  const digest = await crypto.subtle.digest("SHA-1", new Uint8Array(await ctx.archive.read(first)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};`,
} as const satisfies Record<string, (file: string, context: string) => string>;

export type HelperName = keyof typeof helpers;
