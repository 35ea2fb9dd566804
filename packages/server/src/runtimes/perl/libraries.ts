import { existsSync, lstatSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { readOnly } from "../processes/bubblewrap.ts";

/** Folders in which programs name their dynamic loader; often links. */
const loaderFolders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];

const isLoader = (file: string): boolean => /^ld[-.]/.test(path.basename(file));

/** The names of a library's folder that are links to it: programs ask for `libz.so.1`, not for `libz.so.1.2.13`. */
const namesOf = async (library: string): Promise<string[]> => {
  const folder = path.dirname(library);
  const [stem = ""] = path.basename(library).split(".so");
  const links = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isSymbolicLink() && entry.name.startsWith(stem))
    .map(({ name }) => path.join(folder, name));
  const targets = await Promise.all(links.map((link) => realpath(link).catch(() => "")));
  return links.filter((_, i) => targets[i] === library);
};

const loaderMounts = (libraries: readonly string[]): string[] => {
  const loaders = libraries.filter(isLoader);
  return loaderFolders
    .filter((folder) => existsSync(folder) && !lstatSync(folder).isSymbolicLink())
    .flatMap((folder) =>
      loaders
        .map((loader) => [loader, path.join(folder, path.basename(loader))] as const)
        .filter(([loader, name]) => name !== loader && existsSync(name))
        .flatMap(([loader, name]) => readOnly(loader, name)),
    );
};

const isBelow = (folders: readonly string[], file: string): boolean =>
  folders.some((folder) => file.startsWith(`${folder}/`));

/**
 * Bubblewrap's options that mount these shared libraries, with their other names, and nothing beside them.
 * @param modules folders that are mounted whole, with the libraries in them
 */
export const libraryMounts = async (
  libraries: readonly string[],
  modules: readonly string[],
): Promise<string[]> => {
  const outside = libraries.filter((library) => !isBelow(modules, library));
  const each = await Promise.all(
    outside.map(async (library) => [
      ...readOnly(library),
      ...(await namesOf(library)).flatMap((name) => ["--symlink", path.basename(library), name]),
    ]),
  );
  return [...each.flat(), ...loaderMounts(libraries)];
};
