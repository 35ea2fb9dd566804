import { readFile, writeFile } from "node:fs/promises";

/** The part of a page that a command writes. The rest of the page is written by hand. */
interface Section {
  name: string;
  command: string;
}

/** Replaces a section of a page. @throws Error if the page has no lines where it begins and ends */
export const writeSection = async (page: string, { name, command }: Section, text: string): Promise<void> => {
  const before = await readFile(page, "utf8");
  const [first, last] = [`<!-- ${name}: written by \`${command}\` -->`, `<!-- /${name} -->`];
  const [begin, end] = [before.indexOf(first), before.indexOf(last)];
  if (begin < 0 || end < begin) throw new Error(`${page} has no lines ${first} and ${last}`);
  await writeFile(page, `${before.slice(0, begin)}${first}\n\n${text}\n${before.slice(end)}`);
};
