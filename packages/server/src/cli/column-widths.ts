import stringWidth from "string-width";

/** Spaces between two columns. */
export const GAP = 2;

const ELLIPSIS = "…";

/** The widest of some texts, in places of the terminal: a Chinese or Japanese character takes two. */
export const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);

/** A text with spaces behind it, so that it takes `width` places. */
export const padText = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - stringWidth(text)));

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

/** The next line of a text: up to a space if there is one in its second half, else as much as fits. */
const nextLine = (text: string, width: number): string => {
  const taken = beginning(text, width) || [...text].slice(0, 1).join("");
  if (taken.length === text.length || text[taken.length] === " ") return taken;
  const space = taken.lastIndexOf(" ");
  return space * 2 > taken.length ? taken.slice(0, space) : taken;
};

/** A text on lines of at most `width` places. */
export const wrapText = (text: string, width: number): string[] => {
  if (stringWidth(text) <= width) return [text];
  const lines: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const line = nextLine(rest, width);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return lines;
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
 * The widths of columns, without the gaps, so that each row fits in a line. The last column is cut first, then the widest of the others.
 * @param cells the rows with the headings
 * @param total places in a line
 * @param cuts for each column the fewest places to which it may be cut; undefined for one that is never cut
 * @returns undefined if the rows do not fit
 */
export const columnWidths = (
  cells: readonly string[][],
  total: number,
  cuts: readonly (number | undefined)[],
): number[] | undefined => {
  const needed = cuts.map((_, n) => widest(cells.map((row) => row[n] ?? "")));
  const excess = needed.reduce((sum, width) => sum + width + GAP, 0) - total;
  if (excess <= 0) return needed;
  const least = needed.map((width, n) => Math.min(width, cuts[n] ?? width));
  if (needed.reduce((sum, width, n) => sum + width - (least[n] ?? 0), 0) < excess) return undefined;
  const last = needed.at(-1) ?? 0;
  const lastCut = Math.max(last - excess, least.at(-1) ?? 0);
  return [...levelled(needed.slice(0, -1), excess - (last - lastCut), least), lastCut];
};

/** Columns that are shown on one line, from the one with this number on. */
export interface Band {
  from: number;
  /** Without the gaps. */
  widths: number[];
}

/**
 * Spreads columns over lines, in their order.
 * @param needed the width of each column; one that is wider than a line is narrowed to it
 * @param indent places before all lines but the first
 */
export const bandsOf = (needed: readonly number[], total: number, indent: number): Band[] => {
  const bands: Band[] = [];
  let left = 0;
  for (const [from, width] of needed.entries()) {
    const band = bands.at(-1);
    if (band !== undefined && width <= left) band.widths.push(width);
    else {
      left = Math.max(1, total - (bands.length > 0 ? indent : 0));
      bands.push({ from, widths: [Math.min(width, left)] });
    }
    left -= Math.min(width, left) + GAP;
  }
  return bands;
};
