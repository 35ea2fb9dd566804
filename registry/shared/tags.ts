/** One tag. A comma would end it, so it becomes a space. @param namespace "" for a tag without one */
export const tagOf = (namespace: string, value: string): string => {
  const text = value
    .replace(/\s*,\s*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};

/** A tag for each value that is not empty. */
export const tagsOf = (namespace: string, values: readonly string[]): string[] =>
  values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));

/** A tag for each item of a text with commas. */
export const listTags = (namespace: string, text: string): string[] => tagsOf(namespace, text.split(","));

/** The address of a page without its scheme, as `source:` tags have it. A comma would end the tag. */
export const sourceOf = (address: string): string =>
  address
    .trim()
    .replace(/^https?:\/\/(www\.)?/i, "")
    .replace(/[/,;]+$/, "")
    .replaceAll(",", "%2C");

/** A tag for each address in a text that has spaces, commas or semicolons between them. */
export const sourceTags = (text: string): string[] =>
  text
    .split(/[\s,;]+(?=https?:\/\/)|\s+/i)
    .filter((address) => /^https?:\/\//i.test(address))
    .map((address) => `source:${sourceOf(address)}`);

/** `date:2021-03-09`, as far as the parts are known; nothing without a year. */
export const dateTags = (year: string, month = "", day = ""): string[] => {
  const isNumber = (text: string, max: number) =>
    /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= max;
  if (!/^\d{4}$/.test(year)) return [];
  if (!isNumber(month, 12)) return [`date:${year}`];
  const parts = [year, month.padStart(2, "0"), ...(isNumber(day, 31) ? [day.padStart(2, "0")] : [])];
  return [`date:${parts.join("-")}`];
};

/** The date that a text begins with: `2021`, `2021-03` or `2021-03-09`. */
export const dateTagsIn = (text: string): string[] => {
  const [, year = "", month, day] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?/.exec(text.trim()) ?? [];
  return dateTags(year, month, day);
};

/** The first of tags that differ only in case. */
const distinct = (tags: readonly string[]): string[] => {
  const seen = new Set<string>();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};

/** A result without the fields that are empty: what is absent stays as it is. */
export const foundOf = (
  tags: string[],
  title = "",
  summary = "",
): { tags: string[]; title?: string; summary?: string } => ({
  tags: distinct(tags),
  ...(title.trim() && { title: title.trim() }),
  ...(summary.trim() && { summary: summary.trim() }),
});
