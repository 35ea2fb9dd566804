import type { Command } from "commander";
import { wholeNumber } from "./numbers.ts";
import type { Session } from "./session.ts";

export interface PageOptions {
  page: number;
  size: number;
}

/** Adds the options of a command that lists pages. @param size the default size */
export const withPages = (command: Command, size: number): Command =>
  command
    .option("--page <number>", "page number", wholeNumber(1), 1)
    .option("--size <number>", "items on a page, at most 200", wholeNumber(1, 200), size);

/** Says how to see the next page, if there is one. */
export const noteNextPage = (
  { say }: Session,
  { page, size, total, items }: PageOptions & { total: number; items: readonly unknown[] },
): void => {
  if (page * size < total) say(`${items.length} of ${total}. For the next page, use --page ${page + 1}.`);
};
