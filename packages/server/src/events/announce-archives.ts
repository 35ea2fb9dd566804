import type { FolderLibrary } from "../library/folder.ts";
import type { ArchiveRecord } from "../store/types.ts";
import type { Publish } from "./types.ts";

/** The library, whose archives are told of when they came, changed or went. */
export const announceArchives = (library: FolderLibrary, publish: Publish): FolderLibrary => {
  const tell = (action: "added" | "changed" | "removed", { id, title }: ArchiveRecord): void =>
    publish({ kind: "archive", action, archive: id, title });
  return {
    ...library,
    add: async (...given) => {
      const added = await library.add(...given);
      tell("added", added);
      return added;
    },
    update: async (...given) => {
      const changed = await library.update(...given);
      tell("changed", changed);
      return changed;
    },
    delete: async (...given) => {
      const removed = await library.delete(...given);
      tell("removed", removed);
      return removed;
    },
    sync: async (...given) => {
      const report = await library.sync(...given);
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
