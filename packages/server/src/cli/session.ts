import type { Client } from "@hitagi/contract";
import { type ConnectionOptions, connect } from "./connection.ts";
import type { Io } from "./io.ts";
import { type Lines, printed, safeJson } from "./safe-text.ts";
import { type Columns, table } from "./table.ts";

/** The options of every command. */
export interface SessionOptions extends ConnectionOptions {
  json?: boolean;
}

/** Options of a command that lists pages. */
export interface PageOptions {
  page: number;
  size: number;
}

/** One page of items. `total` counts the items of all pages. */
export interface Page<T> extends PageOptions {
  total: number;
  items: T[];
}

/** The output of a command. */
export interface Printer {
  io: Io;
  /** Whether to print JSON. */
  json: boolean;
  /** Prints the result to stdout: the data as JSON, or the lines that `text` makes of it. */
  print<T>(data: T, text: (data: T) => Lines): void;
  /** Prints rows as a table, or the text `empty` if there are none. */
  printTable<T>(rows: T[], columns: Columns<T>, empty: string): void;
  /** Prints a page as a table, and how to see the next one. */
  printPage<T>(page: Page<T>, columns: Columns<T>, empty: string): void;
  /** Prints a note to stderr, unless the output is JSON. */
  say(lines: Lines): void;
}

/** What a command works with: the server and the output. */
export interface Session extends Printer {
  client: Client;
}

/** Says how to see the next page, if there is one. */
export const noteNextPage = (
  { say }: Pick<Printer, "say">,
  { page, size, total, items }: Page<unknown>,
): void => {
  if (page * size < total) say(`${items.length} of ${total}. For the next page, use --page ${page + 1}.`);
};

/** The output of a command that needs no server. */
export const openPrinter = (io: Io, { json = false }: SessionOptions): Printer => {
  const print: Printer["print"] = (data, text) => {
    io.stdout.write(`${json ? safeJson(data) : printed(text(data))}\n`);
  };
  const say = (lines: Lines): void => {
    const isEmpty = Array.isArray(lines) && lines.length === 0;
    if (!json && !isEmpty) io.stderr.write(`${printed(lines)}\n`);
  };
  return {
    ...{ io, json, print, say },
    printTable: (rows, columns, empty) =>
      print(rows, () => (rows.length > 0 ? table(io, columns, rows) : empty)),
    printPage: ({ total, page, size, items }, columns, empty) => {
      print({ total, page, size, items }, () => (items.length > 0 ? table(io, columns, items) : empty));
      noteNextPage({ say }, { total, page, size, items });
    },
  };
};

/** Connects to the server in the options or the environment. @throws UsageError, CommandFailed */
export const openSession = async (io: Io, options: SessionOptions): Promise<Session> => ({
  ...openPrinter(io, options),
  client: await connect(io, options),
});
