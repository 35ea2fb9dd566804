import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

const isLeftOut = (folder: string): boolean =>
  folder.startsWith(".") || ["node_modules", "dist"].includes(folder);

const pagesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const place = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return isLeftOut(entry.name) ? [] : pagesIn(place);
    return place.endsWith(".md") ? [place] : [];
  });

/** Every page of the repository, by its path. */
export const allPages: readonly string[] = pagesIn("");

/** The text of a page. */
export const readPage = (page: string): string => readFileSync(path.join(root, page), "utf8");
