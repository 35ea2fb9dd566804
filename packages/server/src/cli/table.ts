import Table from "cli-table3";
import { hasColour, type Io } from "./io.ts";
import { type ColouredLine, safeLine } from "./safe-text.ts";

const GAP = 2;
/** Characters, with the gap, below which no column is cut. */
const MIN_CUT = 12;

/** cli-table3's characters of borders, all empty. */
const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("middle")
    .map((part) => [part, ""]),
);

const widest = (cells: string[]): number => cells.reduce((most, { length }) => Math.max(most, length), 0);

/**
 * On a terminal the last column gets the rest of the width, so that long texts do not break the line. If little is left, the
 * widest of the others is narrowed too, but not the first, which names the row.
 */
const widthsFor = (rows: string[][], columns: number | undefined): (number | null)[] => {
  const count = rows[0]?.length ?? 0;
  if (columns === undefined || count < 2) return [];
  const fixed = Array.from({ length: count - 1 }, (_, i) => widest(rows.map((r) => r[i] ?? "")) + GAP);
  const left = columns - fixed.reduce((a, b) => a + b, 0);
  const needed = Math.min(widest(rows.map((r) => r.at(-1) ?? "")) + GAP, MIN_CUT);
  const missing = needed - left;
  const narrowed = missing > 0 ? fixed.indexOf(Math.max(...fixed.slice(1)), 1) : -1;
  const widths = fixed.map((width, i) =>
    i === narrowed ? Math.max(width - missing, Math.min(width, MIN_CUT)) : null,
  );
  return [...widths, Math.max(left, needed)];
};

/** The value of a cell. An empty one is shown as `-`. */
export type Cell = string | number | boolean | null | undefined;

/** The fields of a row that can be shown as they are. */
type CellField<T> = { [K in keyof T]-?: T[K] extends Cell ? K : never }[keyof T];

/** The headings of a table, each with the field or the function that gives the cell of a row. */
export type Columns<T> = Record<string, CellField<T> | ((row: T) => Cell)>;

const textOf = (cell: Cell): string => {
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return cell === null || cell === undefined || cell === "" ? "-" : safeLine(String(cell));
};

/** The longest cell. A very long name must not widen every line. */
const MAX_CELL = 200;

const cut = (text: string): string => (text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text);

/** Formats rows in aligned columns below their headings. Long cells are cut, trailing spaces removed. */
export const table = <T>(io: Io, columns: Columns<T>, rows: readonly T[]): ColouredLine[] => {
  const head = Object.keys(columns);
  const cells = rows.map((row) =>
    Object.values(columns).map((column) => {
      const cell = typeof column === "function" ? column(row) : (row[column] as Cell);
      return cut(textOf(cell));
    }),
  );
  const bold = hasColour(io, io.stdout) ? (s: string) => `\u001b[1m${s}\u001b[0m` : (s: string) => s;
  const drawn = new Table({
    head: head.map(bold),
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: widthsFor([head, ...cells], io.stdout.isTTY ? io.stdout.columns : undefined),
  });
  drawn.push(...cells);
  const lines = drawn.toString().split("\n");
  return lines.map((line) => ({ coloured: line.trimEnd() }));
};

/** Formats names and values, one pair on each line. */
export const record = (entries: Record<string, Cell>): string[] => {
  const width = widest(Object.keys(entries)) + GAP;
  return Object.entries(entries).map(([name, value]) => `${name.padEnd(width)}${textOf(value)}`);
};
