/** A cell of a table. */
type Value = string | number | null | undefined;

/** Spreadsheets run a cell that begins so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

const cellText = (value: Value): string => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line of comma-separated values (RFC 4180), with its end. A text that a spreadsheet would run gets a quote before it. */
export const csvLine = (values: readonly Value[]): string => `${values.map(cellText).join(",")}\r\n`;
