import { readFileSync } from "node:fs";
import path from "node:path";

const guide = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/guide-owners.md"), "utf8");

/** The commands of one section of the owner's guide, each as its words without the program's name. */
export const guideCommands = (heading: string): string[][] => {
  const section = guide.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  const lines = blocks.join("").trim().split("\n");
  return lines.map((line) =>
    [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "").slice(1),
  );
};
