/** What stands in brackets at either end of a file's name, and the words for volume and chapter behind its title. */
const AROUND =
  /^\s*(?:\([^)]*\)|\[[^\]]*\]|【[^】]*】)\s*|\s*(?:\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|【[^】]*】)\s*$/;
const NUMBERING =
  /(?:[\s,_-]+(?:v|vol|volume|c|ch|chapter|#)?\.?\s*\d+(?:\.\d+)?(?:\s*-\s*\d+)?|\s*第?\s*\d+(?:\.\d+)?\s*[巻卷話话回集])$/i;
const LAST_NUMBER =
  /(?:(?:^|[\s,_#-])(?:v|vol|volume|c|ch|chapter|#)?\.?\s*|第\s*)0*(\d+(?:\.\d+)?)\s*[巻卷話话回集]?$/i;

const stripped = (text: string, pattern: RegExp): string => {
  const shorter = text.replace(pattern, "");
  return shorter === text || shorter.trim() === "" ? text : stripped(shorter, pattern);
};

/** The title to search for: without brackets around it, underscores, and the number of the volume. */
export const searchTitle = (title: string): string =>
  stripped(stripped(title.normalize("NFKC").replaceAll("_", " ").trim(), AROUND), NUMBERING).trim();

/** What a search is for: the user's own words as they are, or else the archive's title. */
export const wantedTitle = ({ arg, archive }: { arg: string; archive: { title: string } }): string =>
  arg.trim() || searchTitle(archive.title);

/** The number at the end of a title, such as 12 in `Series v012 (2020)`; undefined if there is none. */
export const numberIn = (title: string): string | undefined =>
  LAST_NUMBER.exec(stripped(title.normalize("NFKC").trim(), AROUND))?.[1];

const comparable = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

const pairsOf = (text: string): string[] =>
  Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));

/** How alike two titles are, from 0 to 1: the share of common pairs of characters (Sørensen and Dice). */
export const similarity = (one: string, other: string): number => {
  const [a, b] = [comparable(one), comparable(other)];
  if (a === b) return a === "" ? 0 : 1;
  const rest = pairsOf(b);
  const count = pairsOf(a).length + rest.length;
  const common = pairsOf(a).filter((pair) => {
    const at = rest.indexOf(pair);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
  return count === 0 ? 0 : (2 * common.length) / count;
};

/** Less is another work of a similar name. */
const ALIKE = 0.8;

/** The candidate with the title most like the given one; undefined if none is alike. The first of equals counts. */
export const mostAlike = <T>(
  title: string,
  candidates: readonly T[],
  titlesOf: (one: T) => readonly string[],
): T | undefined => {
  let best: T | undefined;
  let highest = ALIKE;
  for (const candidate of candidates) {
    const alike = Math.max(0, ...titlesOf(candidate).map((one) => similarity(title, one)));
    if (alike < highest || (best !== undefined && alike === highest)) continue;
    best = candidate;
    highest = alike;
  }
  return best;
};
