import { access, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { ifThere } from "../disk/errors.ts";
import { makeFolder, syncFolder } from "../disk/folders.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { RemoteStore } from "../store-copy/remote.ts";
import { moveIntoPlace, refuseMixing } from "./bring-in.ts";
import { belongsToPart, folderOf, WORK_FOLDERS } from "./server-folders.ts";
import { parts as allParts, type Part, type ServerFolders, STORE_NAME } from "./types.ts";

const Names = Type.Record(Type.String(), Type.Array(Type.String()));

/** A restore that was decided on: from when it is on the disk, it is finished, by whichever process. */
const Swap = Type.Object({
  /** What the folder of the things that are set aside is called. */
  id: Type.String({ pattern: "^[0-9TZ-]+$" }),
  parts: Type.Array(Type.Enum([...allParts])),
  /** Where what is to come in lies, relative to each part's folder. */
  from: Type.String(),
  /** Top-level names by part: those to set aside, and those to bring in. */
  out: Names,
  in: Names,
});
export type Swap = Static<typeof Swap>;

const journalOf = ({ data }: ServerFolders): string => path.join(data, WORK_FOLDERS.restore, "journal.json");

const isThere = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );

export const namesIn = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** What stands now of a part, by its top-level names. */
export const currentNames = async (folders: ServerFolders, part: Part): Promise<string[]> =>
  (await namesIn(folderOf(folders, part) ?? "")).filter((name) => belongsToPart(folders, part, name));

/** The folder in which a restore set aside what stood in a part. */
export const previousStateFolder = (id: string): string => path.join(WORK_FOLDERS.aside, id);

/**
 * The restore that was decided on, if there is one. Where it cannot be read nobody may go on: what it would bring in is all
 * that is left of what was restored.
 * @throws HitagiError STORE_FAILED
 */
const readSwap = async (folders: ServerFolders): Promise<Swap | undefined> => {
  const text = await ifThere(readFile(journalOf(folders), "utf8"));
  if (text === undefined) return undefined;
  try {
    return Value.Parse(Swap, JSON.parse(text));
  } catch (cause) {
    throw new HitagiError("STORE_FAILED", { reason: "the journal of a restore is damaged" }, { cause });
  }
};

/** Beside what a store that is no file held: it must not come back as a file that nobody asked for. */
const OF_REMOTE = ".hitagi-remote";

/** @throws HitagiError RESTORE_OTHER_STORE where what was set aside is of a store that is no file, and the one here is */
export const refuseOtherStore = async (folders: ServerFolders, id: string): Promise<void> => {
  const mark = path.join(folders.data, previousStateFolder(id), "store", OF_REMOTE);
  if (!folders.remote && (await isThere(mark))) throw new HitagiError("RESTORE_OTHER_STORE");
};

/** Told between the steps of a restore, so that tests end the process there. */
export type At = () => Promise<void> | void;

/** Where what a store that is no file held waits, until it is decided that it is set aside. */
const savedOf = ({ data }: ServerFolders): string => path.join(data, WORK_FOLDERS.restore, "saved");

/**
 * Brings a store in that is no file. What it held was written to a file before all was decided, and is set aside now.
 */
const swapStore = async (folders: ServerFolders, { id, from }: Swap, remote: RemoteStore): Promise<void> => {
  const aside = path.join(folders.data, previousStateFolder(id), "store");
  await makeFolder(path.dirname(aside), 0o700);
  if (await isThere(savedOf(folders))) await rename(savedOf(folders), aside);
  const file = path.join(folders.data, from, "store", STORE_NAME);
  if (await isThere(file)) await remote.load(file, folders.data, `restore ${id}`);
};

/** The parts that are brought in by renaming: a store that is no file is not. */
const movedParts = (folders: ServerFolders, parts: readonly Part[]): readonly Part[] =>
  folders.remote ? parts.filter((part) => part !== "store") : parts;

/** Each move is made once, however often it is begun: what is set aside already is not taken from its place again. */
const move = async (folders: ServerFolders, swap: Swap, at: At): Promise<void> => {
  const { id, from, out, in: incoming } = swap;
  const parts = movedParts(folders, swap.parts);
  for (const part of parts) {
    const folder = folderOf(folders, part) ?? "";
    const aside = path.join(folder, previousStateFolder(id), part);
    await makeFolder(aside, 0o700);
    for (const name of out[part] ?? []) {
      const [place, there] = [path.join(folder, name), path.join(aside, name)];
      if (!(await isThere(there)) && (await isThere(place))) await rename(place, there);
      await at();
    }
    await syncFolder(aside);
  }
  for (const part of parts) {
    const folder = folderOf(folders, part) ?? "";
    for (const name of incoming[part] ?? []) {
      const source = path.join(folder, from, part, name);
      if (await isThere(source)) await moveIntoPlace(source, path.join(folder, name));
      await at();
    }
    await syncFolder(folder);
  }
};

const apply = async (folders: ServerFolders, swap: Swap, at: At = () => {}): Promise<void> => {
  await move(folders, swap, at);
  if (folders.remote && swap.parts.includes("store")) {
    await swapStore(folders, swap, folders.remote);
    await at();
  }
  const remove = (folder: string) => rm(folder, { recursive: true, force: true });
  for (const part of swap.parts) await remove(path.join(folderOf(folders, part) ?? "", swap.from, part));
  if (swap.from !== WORK_FOLDERS.restore)
    for (const part of swap.parts) await remove(path.join(folderOf(folders, part) ?? "", swap.from));
  await rm(journalOf(folders), { force: true });
  await clear(folders);
};

/** Removes what restores left that did not come to their decision. */
const clear = async (folders: ServerFolders): Promise<void> => {
  const distinct = new Set(allParts.flatMap((part) => folderOf(folders, part) ?? []));
  for (const folder of distinct)
    await rm(path.join(folder, WORK_FOLDERS.restore), { recursive: true, force: true });
};

/**
 * Puts what lies in `from` in place of what stands, which is set aside. The instant at which the journal is on the disk decides:
 * whatever ends the process before, everything is as it was; afterwards {@link finishSwap} brings it to its end.
 * @throws HitagiError RESTORE_OTHER_PLACES, and the file system's error
 */
export const swapIn = async (
  folders: ServerFolders,
  id: string,
  parts: readonly Part[],
  from: string,
  at: At = () => {},
): Promise<void> => {
  const swap: Swap = { id, parts: [...parts], from, out: {}, in: {} };
  for (const part of parts) {
    swap.out[part] = await currentNames(folders, part);
    swap.in[part] = await namesIn(path.join(folderOf(folders, part) ?? "", from, part));
  }
  for (const part of movedParts(folders, parts))
    await refuseMixing(folderOf(folders, part) ?? "", swap.in[part] ?? [], swap.out[part] ?? []);
  await makeFolder(path.dirname(journalOf(folders)), 0o700);
  if (folders.remote && parts.includes("store")) {
    await folders.remote.save(path.join(savedOf(folders), STORE_NAME));
    await writeFile(path.join(savedOf(folders), OF_REMOTE), "");
  }
  await writeWhole({ file: journalOf(folders), content: JSON.stringify(swap) });
  await syncFolder(folders.data);
  await at();
  await apply(folders, swap, at);
};

/** Brings a restore to its end that was decided on when its process ended, and removes what others left. */
export const finishSwap = async (folders: ServerFolders): Promise<void> => {
  const swap = await readSwap(folders);
  if (swap) await apply(folders, swap);
  else await clear(folders);
};

/** Removes what a backup gathered whose process did not live to remove it. */
export const removeSnapshots = (folders: ServerFolders): Promise<void> =>
  rm(path.join(folders.data, WORK_FOLDERS.backup), { recursive: true, force: true });
