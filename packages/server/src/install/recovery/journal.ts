import { readdir } from "node:fs/promises";
import path from "node:path";
import { Namespace, toNamespace } from "@hitagi/contract";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { ifThere } from "../../disk/errors.ts";
import { readIfThere, removeFile, removeIfThere, writeDurably } from "../../disk/files.ts";
import { syncFolder } from "../../disk/folders.ts";

const PlacedFile = Type.Object({ path: Type.String(), sha256: Type.String() });

/** The files of an operation. With the store's record, it is enough to finish or undo the operation. */
const JournalEntry = Type.Object({
  namespace: Namespace,
  before: Type.Union([PlacedFile, Type.Null()]),
  after: Type.Union([PlacedFile, Type.Null()]),
});
export type JournalEntry = Type.Static<typeof JournalEntry>;

/** The operations that move files now, with one journal file for each namespace. */
export interface Journal {
  /** Writes an entry durably, before the operation moves files. */
  write(entry: JournalEntry): Promise<void>;
  read(namespace: Namespace): Promise<JournalEntry | undefined>;
  /** Every namespace with an entry. */
  list(): Promise<Namespace[]>;
  /**
   * Removes the entry of an operation that ended. Not durable: replaying an entry that comes back after a power failure changes
   * nothing.
   */
  clear(namespace: Namespace): Promise<void>;
}

/** A truncated entry counts as none: no file had been moved yet. */
const parse = (bytes: Buffer): JournalEntry | undefined => {
  try {
    const entry: unknown = JSON.parse(bytes.toString());
    return Value.Check(JournalEntry, entry) ? entry : undefined;
  } catch (e) {
    if (e instanceof SyntaxError) return undefined;
    throw e;
  }
};

export const createJournal = (folder: string): Journal => {
  const fileOf = (namespace: Namespace) => path.join(folder, `${namespace}.json`);
  return {
    write: async (entry) => {
      await removeFile(fileOf(entry.namespace));
      await writeDurably(fileOf(entry.namespace), JSON.stringify(entry));
      await syncFolder(folder);
    },
    read: async (namespace) => {
      const bytes = await readIfThere(fileOf(namespace));
      return bytes && parse(bytes);
    },
    list: async () => {
      const names = (await ifThere(readdir(folder))) ?? [];
      return names.filter((n) => n.endsWith(".json")).map((n) => toNamespace(n.slice(0, -".json".length)));
    },
    clear: async (namespace) => void (await removeIfThere(fileOf(namespace))),
  };
};
