import type { FolderLibrary } from "../library/folder.ts";
import type { ArchiveRecord } from "../store/types.ts";
import type { Publish } from "./types.ts";

/** The library, whose archives are told of when they came, changed or went. */
export const announceArchives = (library: FolderLibrary, publish: Publish): FolderLibrary => {
  const tell = (action: "added" | "changed" | "removed", { id, title }: ArchiveRecord): void =>
    publish({ kind: "archive", action, archive: id, title });
  return {
    ...library,
    add: async (upload) => {
      const added = await library.add(upload);
      tell("added", added);
      return added;
    },
    update: async (id, patch) => {
      const changed = await library.update(id, patch);
      tell("changed", changed);
      return changed;
    },
    delete: async (id) => {
      const removed = await library.delete(id);
      tell("removed", removed);
      return removed;
    },
    sync: async (signal) => {
      const report = await library.sync(signal);
      for (const archive of report.added) tell("added", archive);
      for (const { id } of report.moved) tell("changed", await library.get(id));
      for (const { from, to } of report.replaced) {
        const archive = await library.get(to);
        tell("removed", { ...archive, id: from });
        tell("added", archive);
      }
      return report;
    },
  };
};
