import Table from "cli-table3";
import { hasColour, type Io } from "./io.ts";
import { safeLine } from "./safe-text.ts";

const GAP = 2;
const MIN_LAST = 12;

const noBorders = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((part) => [part, ""]),
);

const widest = (cells: string[]): number => cells.reduce((most, { length }) => Math.max(most, length), 0);

/** On a terminal the last column gets the rest of the width, so that long descriptions do not break the line. */
const widthsFor = (rows: string[][], columns: number | undefined): (number | null)[] => {
  const count = rows[0]?.length ?? 0;
  if (columns === undefined || count < 2) return [];
  const fixed = Array.from({ length: count - 1 }, (_, i) => widest(rows.map((r) => r[i] ?? "")) + GAP);
  const left = columns - fixed.reduce((a, b) => a + b, 0);
  return [...fixed.map(() => null), Math.max(left, MIN_LAST)];
};

/** The value of a cell. An empty one is shown as `-`. */
export type Cell = string | number | boolean | null | undefined;

const textOf = (cell: Cell): string => {
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return cell === null || cell === undefined || cell === "" ? "-" : safeLine(String(cell));
};

/** The longest cell. A very long name must not widen every line. */
const MAX_CELL = 200;

const cut = (text: string): string => (text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text);

/** Formats rows in aligned columns below their headings. Long cells are cut, trailing spaces removed. */
export const table = (io: Io, head: string[], rows: Cell[][]): string => {
  const cells = rows.map((row) => row.map((cell) => cut(textOf(cell))));
  const bold = hasColour(io, io.stdout) ? (s: string) => `\u001b[1m${s}\u001b[0m` : (s: string) => s;
  const columns = io.stdout.isTTY ? io.stdout.columns : undefined;
  const drawn = new Table({
    head: head.map(bold),
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: widthsFor([head, ...cells], columns),
  });
  drawn.push(...cells);
  const lines = drawn.toString().split("\n");
  return lines.map((line) => line.trimEnd()).join("\n");
};

/** Formats names and values, one pair on each line. */
export const record = (entries: [name: string, value: Cell][]): string => {
  const width = widest(entries.map(([name]) => name)) + GAP;
  return entries.map(([name, value]) => `${name.padEnd(width)}${textOf(value)}`).join("\n");
};
