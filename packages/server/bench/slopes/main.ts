import { loadavg } from "node:os";
import { writeSection } from "../write-section.ts";
import { archivesSlope } from "./archives.ts";
import { extrapolate } from "./extrapolate.ts";
import { indexSlope } from "./index-size.ts";
import { nodesSlope } from "./nodes.ts";
import { installedSlope } from "./plugins-installed.ts";
import { markdown, type SlopeTable } from "./table.ts";

const SECTION = { name: "slopes", command: "npm run bench -- --scale" };

/**
 * Measures how costs grow with nodes, with an index, with installed plugins and with archives, and prints the tables of
 * docs/scale.md as they come.
 * @param page file whose tables are replaced as well
 */
export const measureSlopes = async (machine: string, page: string | undefined): Promise<void> => {
  const load = loadavg()[0] ?? Number.NaN;
  const date = new Date().toISOString().slice(0, 10);
  const texts: string[] = [];
  const write = (text: string): void => {
    texts.push(text);
    console.log(text);
  };
  const writeTables = (tables: readonly SlopeTable[]): void => {
    for (const table of tables) write(markdown(table));
  };
  const command = "`npm run bench -- --scale --page docs/scale.md`";
  write(`${command} on ${machine}, ${date}. The machine's load before it began was ${load.toFixed(1)}.\n`);
  const nodes = await nodesSlope();
  writeTables(nodes.tables);
  writeTables((await indexSlope()).tables);
  writeTables((await installedSlope()).tables);
  const archives = await archivesSlope();
  writeTables(archives.tables);
  writeTables([extrapolate(nodes.costs, archives.costs)]);
  if (page !== undefined) await writeSection(page, SECTION, texts.join("\n"));
};
