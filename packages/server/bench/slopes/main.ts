import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { archivesSlope } from "./archives.ts";
import { indexSlope } from "./index-size.ts";
import { nodesSlope } from "./nodes.ts";
import { installedSlope } from "./plugins-installed.ts";
import { markdown, type SlopeTable } from "./table.ts";
import { wallsOf } from "./walls.ts";

/**
 * Measures how costs grow with nodes, with an index, with installed plugins and with archives, and prints the tables of
 * docs/scale.md, ready for it. The order is that of the page.
 * @param file where the tables go as well
 */
export const measureSlopes = async (machine: string, file: string | undefined): Promise<void> => {
  const say = (what: string) => console.error(`measuring ${what}…`);
  const loadBefore = loadavg()[0] ?? Number.NaN;
  say("nodes");
  const nodes = await nodesSlope();
  say("indexes");
  const index = await indexSlope();
  say("installed plugins");
  const installed = await installedSlope();
  say("archives");
  const archives = await archivesSlope();
  const tables: SlopeTable[] = [
    ...nodes.tables,
    ...index.tables,
    ...installed.tables,
    ...archives.tables,
    wallsOf(nodes.costs, archives.costs),
  ];
  const date = new Date().toISOString().slice(0, 10);
  const head = `\`npm run bench -- slopes\` on ${machine}, ${date}; load of the machine before it began: ${loadBefore.toFixed(1)}.`;
  const text = [head, "", ...tables.map(markdown)].join("\n");
  console.log(text);
  if (file !== undefined) await writeFile(file, text);
};
