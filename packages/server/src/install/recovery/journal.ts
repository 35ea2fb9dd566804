import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { Namespace, toNamespace } from "@hitagi/contract";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { ifThere } from "../../disk/errors.ts";
import { readIfThere, removeFile, writeDurably } from "../../disk/files.ts";
import { syncFolder } from "../../disk/folders.ts";

const PlacedFile = Type.Object({ path: Type.String(), sha256: Type.String() });

/** What an operation that moves files was about to do: enough, with the store's record, to finish or undo it. */
const JournalEntry = Type.Object({
  namespace: Namespace,
  before: Type.Union([PlacedFile, Type.Null()]),
  after: Type.Union([PlacedFile, Type.Null()]),
});
export type JournalEntry = Type.Static<typeof JournalEntry>;

/** The operations that are moving files now, one file each, named by namespace. */
export interface Journal {
  /** Notes an operation, durably, before it moves anything. */
  write(entry: JournalEntry): Promise<void>;
  read(namespace: Namespace): Promise<JournalEntry | undefined>;
  /** Every namespace with an entry. */
  list(): Promise<Namespace[]>;
  /**
   * Forgets an operation that ended. Not made durable: an entry that comes back after a power failure is settled
   * again, which changes nothing.
   */
  clear(namespace: Namespace): Promise<void>;
}

/** An entry that does not parse was cut off while it was written, before anything had moved. */
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
    clear: (namespace) => rm(fileOf(namespace), { force: true }),
  };
};
