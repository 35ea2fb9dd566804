import Table from "cli-table3";
import { columnWidths, cutPath, cutText, GAP, widest } from "./column-widths.ts";
import { hasColour, type Io, lineWidth } from "./io.ts";
import { type ColouredLine, safeLine } from "./safe-text.ts";

/** cli-table3's characters of borders, all empty. */
const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("middle")
    .map((part) => [part, ""]),
);

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

/** The longest cell in a terminal. A very long name must not widen every line. */
const MAX_CELL = 200;

/** Headings of paths, of which the end says more than the beginning. */
const PATHS: ReadonlySet<string> = new Set(["PATH", "FILE"]);

/** Rows that cli-table3 draws at once. Its time grows with the square of their number. */
const AT_ONCE = 200;

const draw = (io: Io, head: readonly string[], cells: readonly string[][]): string[] => {
  const widths = columnWidths([[...head], ...cells], lineWidth(io));
  const fitted = cells.map((row) =>
    row.map((cell, n) => (PATHS.has(head[n] ?? "") ? cutPath : cutText)(cell, (widths[n] ?? 0) - GAP)),
  );
  const bold = hasColour(io, io.stdout) ? (s: string) => `\u001b[1m${s}\u001b[0m` : (s: string) => s;
  const options = {
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: widths,
  };
  const lines: string[] = [];
  for (let from = 0; from === 0 || from < fitted.length; from += AT_ONCE) {
    const drawn = new Table({ ...options, head: from === 0 ? head.map(bold) : [] });
    drawn.push(...fitted.slice(from, from + AT_ONCE));
    lines.push(...drawn.toString().split("\n"));
  }
  return lines.map((line) => line.trimEnd());
};

/** Rows of which the last cell is on a line of its own, below the others. */
const drawBelow = (io: Io, head: readonly string[], cells: readonly string[][]): string[] => {
  const rows = draw(
    io,
    head.slice(0, -1),
    cells.map((row) => row.slice(0, -1)),
  );
  const below = [head, ...cells].map((row) => row.at(-1) ?? "");
  return rows.flatMap((row, n) => [row, `  ${cutText(below[n] ?? "", lineWidth(io) - 2)}`]);
};

export interface TableOptions {
  /** Whether the last column is on a line of its own where it would be cut. */
  lastBelow?: boolean;
}

/** Formats rows in aligned columns below their headings. Cells are cut so that each row fits in a line of the terminal. */
export const table = <T>(
  io: Io,
  columns: Columns<T>,
  rows: readonly T[],
  { lastBelow = false }: TableOptions = {},
): ColouredLine[] => {
  const head = Object.keys(columns);
  const maxCell = Number.isFinite(lineWidth(io)) ? MAX_CELL : Number.POSITIVE_INFINITY;
  const cells = rows.map((row) =>
    Object.values(columns).map((column) => {
      const cell = typeof column === "function" ? column(row) : (row[column] as Cell);
      return cutText(textOf(cell), maxCell);
    }),
  );
  const isCut = (columnWidths([head, ...cells], lineWidth(io)).at(-1) ?? 0) < lastWidth(head, cells);
  const lines = lastBelow && isCut ? drawBelow(io, head, cells) : draw(io, head, cells);
  return lines.map((coloured) => ({ coloured }));
};

const lastWidth = (head: readonly string[], cells: readonly string[][]): number =>
  widest([head, ...cells].map((row) => row.at(-1) ?? ""));

/** Formats names and values, one pair on each line. */
export const record = (entries: Record<string, Cell>): string[] => {
  const width = widest(Object.keys(entries)) + GAP;
  return Object.entries(entries).map(([name, value]) => `${name.padEnd(width)}${textOf(value)}`);
};
