/** A table of the page: its heading, what a row is, and the rows. */
export interface SlopeTable {
  title: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  /** Explains the table. */
  notes?: readonly string[];
}

/** A number with its significant digits. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) < 1 ? 2 : Math.abs(value) < 10 ? 1 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
};

const cell = (value: string | number): string => (typeof value === "number" ? figure(value) : value);

/** Markdown, as docs/scale.md has it. */
export const markdown = ({ title, head, rows, notes = [] }: SlopeTable): string =>
  [
    `**${title}**`,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---|").join("")}`,
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
    ...(notes.length > 0 ? ["", ...notes] : []),
    "",
  ].join("\n");
