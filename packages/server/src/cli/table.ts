import { bandsOf, columnWidths, cutPath, cutText, GAP, padText, widest, wrapText } from "./column-widths.ts";
import { hasColour, type Io, lineWidth } from "./io.ts";
import { type ColouredLine, safeLine } from "./safe-text.ts";

/** The value of a cell. An empty one is shown as `-`. */
export type Cell = string | number | boolean | null | undefined;

/** The fields of a row that can be shown as they are. */
type CellField<T> = { [K in keyof T]-?: T[K] extends Cell ? K : never }[keyof T];

/** The headings of a table, each with the field or the function that gives the cell of a row. */
export type Columns<T> = Record<string, CellField<T> | ((row: T) => Cell)>;

const EMPTY = "-";

const textOf = (cell: Cell): string => {
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return cell === null || cell === undefined || cell === "" ? EMPTY : safeLine(String(cell));
};

/** The longest cell in a terminal. A very long name must not widen every line. */
const MAX_CELL = 200;

/**
 * Headings of free texts, and of hashes, whose beginning tells them apart, each with the fewest places to which it is cut, so that a row
 * stays on one line. All else is shown whole: a time, an id, a state, a name.
 */
const CUT: ReadonlyMap<string, number> = new Map([
  ["TITLE", 10],
  ["TAGS", 10],
  ["DESCRIPTION", 30],
  ["WHAT", 30],
  ["SHA-256", 12],
]);

/** Headings of paths, of which the end says more than the beginning. One is cut only where another column names the row. */
const PATHS: ReadonlySet<string> = new Set(["PATH", "FILE"]);
const LEAST_PATH = 20;

const leastOf = (heading: string, n: number): number | undefined =>
  PATHS.has(heading) && n > 0 ? LEAST_PATH : CUT.get(heading);

const INDENT = "  ";

/** The cells of one row in some columns, on as many lines as the longest needs. */
const linesOf = (cells: readonly string[], widths: readonly number[]): string[] => {
  const wrapped = cells.map((cell, n) => wrapText(cell, widths[n] ?? 0));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, n) => padText(lines[line] ?? "", (widths[n] ?? 0) + GAP))
      .join("")
      .trimEnd(),
  );
};

/** All rows on one line each, with free texts cut. Undefined if they do not fit. */
const oneLine = (
  head: readonly string[],
  cells: readonly string[][],
  total: number,
): string[][] | undefined => {
  const widths = columnWidths([[...head], ...cells], total, head.map(leastOf));
  if (widths === undefined) return undefined;
  const cut = cells.map((row) =>
    row.map((cell, n) => (PATHS.has(head[n] ?? "") ? cutPath : cutText)(cell, widths[n] ?? 0)),
  );
  return [head, ...cut].map((row) => linesOf(row, widths));
};

/** Each row on several lines: as many columns as fit on the first one, the next ones on lines of their own below it. */
const onBands = (head: readonly string[], cells: readonly string[][], total: number): string[][] => {
  const rows = [head, ...cells];
  const bands = bandsOf(
    head.map((_, n) => widest(rows.map((row) => row[n] ?? ""))),
    total,
    INDENT.length,
  );
  return rows.map((row) =>
    bands.flatMap(({ from, widths }) => {
      const part = row.slice(from, from + widths.length);
      if (from > 0 && part.every((cell) => cell === EMPTY)) return [];
      return linesOf(part, widths).map((line) => (from === 0 ? line : `${INDENT}${line}`));
    }),
  );
};

/**
 * Formats rows in aligned columns below their headings. Each line fits in the terminal: free texts are cut, and where that is not
 * enough, the last columns of each row are on lines of their own below it.
 */
export const table = <T>(io: Io, columns: Columns<T>, rows: readonly T[]): ColouredLine[] => {
  const head = Object.keys(columns);
  const total = lineWidth(io);
  const maxCell = Number.isFinite(total) ? MAX_CELL : Number.POSITIVE_INFINITY;
  const cells = rows.map((row) =>
    Object.values(columns).map((column) => {
      const cell = typeof column === "function" ? column(row) : (row[column] as Cell);
      return cutText(textOf(cell), maxCell);
    }),
  );
  const [heading = [], ...lines] = oneLine(head, cells, total) ?? onBands(head, cells, total);
  const bold = hasColour(io, io.stdout) ? (s: string) => `\u001b[1m${s}\u001b[0m` : (s: string) => s;
  return [...heading.map(bold), ...lines.flat()].map((coloured) => ({ coloured }));
};

/** Formats names and values, one pair on each line. */
export const record = (entries: Record<string, Cell>): string[] => {
  const width = widest(Object.keys(entries)) + GAP;
  return Object.entries(entries).map(([name, value]) => `${name.padEnd(width)}${textOf(value)}`);
};
