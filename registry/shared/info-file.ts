import type { ArchiveContext, Files, Log } from "@hitagi/sdk";

/** A text file that describes an archive. */
export interface InfoFile {
  /** For messages: its name in the archive, or its path. */
  name: string;
  text: string;
}

interface Reader {
  archive: Pick<ArchiveContext, "entries" | "text" | "filename">;
  log: Log;
}

const depthOf = (name: string): number => name.split("/").length;

const baseName = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/**
 * The file of the archive whose name, without its folder, fits the pattern; of several, the one nearest to the root.
 * @returns undefined, and a line in the log, if there is none
 */
export const infoFileIn = async ({ archive, log }: Reader, name: RegExp): Promise<InfoFile | undefined> => {
  const entries = await archive.entries();
  const [found] = entries
    .map((entry) => entry.name)
    .filter((one) => name.test(baseName(one)))
    .sort((a, b) => depthOf(a) - depthOf(b));
  if (found !== undefined) return { name: found, text: await archive.text(found) };
  log.debug(`${archive.filename} has no file that fits ${name}`);
  return undefined;
};

/**
 * The file `<name of the archive>.json` in a folder that the owner granted.
 * @returns undefined if there is none, or no folder is granted
 */
export const infoFileBeside = async ({
  archive,
  files,
}: Pick<Reader, "archive"> & { files: Files }): Promise<InfoFile | undefined> => {
  const name = `${archive.filename.replace(/\.[^.]+$/, "")}.json`;
  for (const folder of await files.granted()) {
    const listed = await files.list(folder).catch(() => []);
    const path = `${folder.replace(/\/+$/, "")}/${name}`;
    if (listed.some((file) => file.name === name)) return { name: path, text: await files.text(path) };
  }
  return undefined;
};
