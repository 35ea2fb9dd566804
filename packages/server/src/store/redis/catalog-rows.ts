import type { CatalogRow } from "../types.ts";

/** Rows that are written or read without a break for other work. */
const AT_ONCE = 1000;

/** The rows of an index, a line of JSON each. */
export const packRows = async (rows: readonly CatalogRow[]): Promise<Buffer> => {
  const lines: string[] = [];
  for (const [n, { summary, start, length }] of rows.entries()) {
    if (n % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    lines.push(`${JSON.stringify([start, length, summary])}\n`);
  }
  return Buffer.from(lines.join(""));
};

export const unpackRows = async (text: string): Promise<CatalogRow[]> => {
  const rows: CatalogRow[] = [];
  for (let at = 0; at < text.length; ) {
    if (rows.length % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    const end = text.indexOf("\n", at);
    const [start, length, summary] = JSON.parse(text.slice(at, end)) as [
      CatalogRow["start"],
      CatalogRow["length"],
      CatalogRow["summary"],
    ];
    rows.push({ start, length, summary });
    at = end + 1;
  }
  return rows;
};
