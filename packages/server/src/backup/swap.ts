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
import { belongs, folderOf, WORK } from "./places.ts";
import { parts as allParts, type Part, type Places, STORE_NAME } from "./types.ts";

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

const journalOf = ({ data }: Places): string => path.join(data, WORK.restore, "journal.json");

const isThere = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );

export const namesIn = async (folder: string): Promise<string[]> => (await ifThere(readdir(folder))) ?? [];

/** What stands now of a part, by its top-level names. */
export const standing = async (places: Places, part: Part): Promise<string[]> =>
  (await namesIn(folderOf(places, part) ?? "")).filter((name) => belongs(places, part, name));

/** The folder in which a restore set aside what stood in a part. */
export const asideOf = (id: string): string => path.join(WORK.aside, id);

/**
 * The restore that was decided on, if there is one. Where it cannot be read nobody may go on: what it would bring in is all
 * that is left of what was restored.
 * @throws HitagiError STORE_FAILED
 */
const readSwap = async (places: Places): Promise<Swap | undefined> => {
  const text = await ifThere(readFile(journalOf(places), "utf8"));
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
export const refuseOtherStore = async (places: Places, id: string): Promise<void> => {
  const mark = path.join(places.data, asideOf(id), "store", OF_REMOTE);
  if (!places.remote && (await isThere(mark))) throw new HitagiError("RESTORE_OTHER_STORE");
};

/** Told between the steps of a restore, so that tests end the process there. */
export type At = () => Promise<void> | void;

/** Where what a store that is no file held waits, until it is decided that it is set aside. */
const savedOf = ({ data }: Places): string => path.join(data, WORK.restore, "saved");

/**
 * Brings a store in that is no file. What it held was written to a file before all was decided, and is set aside now.
 */
const swapStore = async (places: Places, { id, from }: Swap, remote: RemoteStore): Promise<void> => {
  const aside = path.join(places.data, asideOf(id), "store");
  await makeFolder(path.dirname(aside), 0o700);
  if (await isThere(savedOf(places))) await rename(savedOf(places), aside);
  const file = path.join(places.data, from, "store", STORE_NAME);
  if (await isThere(file)) await remote.load(file, places.data, `restore ${id}`);
};

/** The parts that are brought in by renaming: a store that is no file is not. */
const movedParts = (places: Places, parts: readonly Part[]): readonly Part[] =>
  places.remote ? parts.filter((part) => part !== "store") : parts;

/** Each move is made once, however often it is begun: what is set aside already is not taken from its place again. */
const move = async (places: Places, swap: Swap, at: At): Promise<void> => {
  const { id, from, out, in: incoming } = swap;
  const parts = movedParts(places, swap.parts);
  for (const part of parts) {
    const folder = folderOf(places, part) ?? "";
    const aside = path.join(folder, asideOf(id), part);
    await makeFolder(aside, 0o700);
    for (const name of out[part] ?? []) {
      const [place, there] = [path.join(folder, name), path.join(aside, name)];
      if (!(await isThere(there)) && (await isThere(place))) await rename(place, there);
      await at();
    }
    await syncFolder(aside);
  }
  for (const part of parts) {
    const folder = folderOf(places, part) ?? "";
    for (const name of incoming[part] ?? []) {
      const source = path.join(folder, from, part, name);
      if (await isThere(source)) await moveIntoPlace(source, path.join(folder, name));
      await at();
    }
    await syncFolder(folder);
  }
};

const apply = async (places: Places, swap: Swap, at: At = () => {}): Promise<void> => {
  await move(places, swap, at);
  if (places.remote && swap.parts.includes("store")) {
    await swapStore(places, swap, places.remote);
    await at();
  }
  const remove = (folder: string) => rm(folder, { recursive: true, force: true });
  for (const part of swap.parts) await remove(path.join(folderOf(places, part) ?? "", swap.from, part));
  if (swap.from !== WORK.restore)
    for (const part of swap.parts) await remove(path.join(folderOf(places, part) ?? "", swap.from));
  await rm(journalOf(places), { force: true });
  await clear(places);
};

/** Removes what restores left that did not come to their decision. */
const clear = async (places: Places): Promise<void> => {
  const folders = new Set(allParts.flatMap((part) => folderOf(places, part) ?? []));
  for (const folder of folders) await rm(path.join(folder, WORK.restore), { recursive: true, force: true });
};

/**
 * Puts what lies in `from` in place of what stands, which is set aside. The instant at which the journal is on the disk decides:
 * whatever ends the process before, everything is as it was; afterwards {@link finishSwap} brings it to its end.
 * @throws HitagiError RESTORE_OTHER_PLACES, and the file system's error
 */
export const swapIn = async (
  places: Places,
  id: string,
  parts: readonly Part[],
  from: string,
  at: At = () => {},
): Promise<void> => {
  const swap: Swap = { id, parts: [...parts], from, out: {}, in: {} };
  for (const part of parts) {
    swap.out[part] = await standing(places, part);
    swap.in[part] = await namesIn(path.join(folderOf(places, part) ?? "", from, part));
  }
  for (const part of movedParts(places, parts))
    await refuseMixing(folderOf(places, part) ?? "", swap.in[part] ?? [], swap.out[part] ?? []);
  await makeFolder(path.dirname(journalOf(places)), 0o700);
  if (places.remote && parts.includes("store")) {
    await places.remote.save(path.join(savedOf(places), STORE_NAME));
    await writeFile(path.join(savedOf(places), OF_REMOTE), "");
  }
  await writeWhole({ file: journalOf(places), content: JSON.stringify(swap) });
  await syncFolder(places.data);
  await at();
  await apply(places, swap, at);
};

/** Brings a restore to its end that was decided on when its process ended, and removes what others left. */
export const finishSwap = async (places: Places): Promise<void> => {
  const swap = await readSwap(places);
  if (swap) await apply(places, swap);
  else await clear(places);
};

/** Removes what a backup gathered whose process did not live to remove it. */
export const removeGathered = (places: Places): Promise<void> =>
  rm(path.join(places.data, WORK.backup), { recursive: true, force: true });
