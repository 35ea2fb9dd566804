import stringWidth from "string-width";

/** Spaces between two columns. */
export const GAP = 2;
/** The width, with the gap, below which no column is cut. */
const MIN_CUT = 12;

const ELLIPSIS = "…";

/** The widest of some texts, in places of the terminal: a Chinese or Japanese character takes two. */
export const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);

/** The longest beginning of a text that takes at most `width` places. */
const beginning = (text: string, width: number): string => {
  let [taken, used] = ["", 0];
  for (const character of text) {
    used += stringWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
};

/** A text in at most `width` places. */
export const cutText = (text: string, width: number): string =>
  stringWidth(text) <= width ? text : `${beginning(text, width - 1)}${ELLIPSIS}`;

/** A path in at most `width` places. Its end stays, which has the name of the file. */
export const cutPath = (path: string, width: number): string => {
  if (stringWidth(path) <= width) return path;
  const reversed = [...path].reverse().join("");
  return `${ELLIPSIS}${[...beginning(reversed, width - 1)].reverse().join("")}`;
};

/** Cuts the widest columns to one width, so that all together are `excess` narrower. */
const levelled = (needed: readonly number[], excess: number, least: readonly number[]): number[] => {
  const cutTo = (level: number) => needed.map((width, n) => Math.min(width, Math.max(level, least[n] ?? 0)));
  const total = needed.reduce((sum, width) => sum + width, 0);
  let level = Math.max(...needed);
  while (level > 0 && cutTo(level).reduce((sum, width) => sum + width, 0) > total - excess) level--;
  return cutTo(level);
};

/**
 * The widths of columns, with the gap, so that each row fits in a line. The last column is cut first, then the widest of the
 * others. The first, which names the row, is cut only where it takes more than half of the line.
 * @param cells the rows with the headings
 * @param total places in a line
 */
export const columnWidths = (cells: readonly string[][], total: number): number[] => {
  const count = cells[0]?.length ?? 0;
  const needed = Array.from({ length: count }, (_, n) => widest(cells.map((row) => row[n] ?? "")) + GAP);
  const excess = needed.reduce((sum, width) => sum + width, 0) - total;
  if (excess <= 0 || count < 2) return needed;
  const last = needed.at(-1) ?? 0;
  const lastCut = Math.max(last - excess, Math.min(last, MIN_CUT));
  const least = needed.map((width, n) => {
    const heading = stringWidth(cells[0]?.[n] ?? "") + GAP;
    const floor = n === 0 ? Math.max(total / 2 + GAP, MIN_CUT) : Math.max(heading, MIN_CUT);
    return Math.min(width, Math.floor(floor));
  });
  const others = levelled(needed.slice(0, -1), excess - (last - lastCut), least);
  return [...others, lastCut];
};
