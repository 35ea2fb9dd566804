import type { FolderLibrary } from "../library/folder.ts";
import type { OpenLibrary } from "../library/library.ts";
import type { Library } from "../library/types.ts";
import type { ArchiveRecord } from "../store/types.ts";
import type { Publish } from "./types.ts";

type Action = "added" | "changed" | "removed";

const teller =
  (publish: Publish) =>
  (action: Action, { id, title }: Pick<ArchiveRecord, "id" | "title">): void =>
    publish({ kind: "archive", action, archive: id, title });

/** The library, whose archives are told of when they came, changed or went through this server. */
export const announceArchives = (library: Library, publish: Publish): Library => {
  const tell = teller(publish);
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
  };
};

/** A folder, of which is also told what others did in it. */
const announceFolder = (library: FolderLibrary, publish: Publish): FolderLibrary => {
  const tell = teller(publish);
  return {
    ...announceArchives(library, publish),
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

/** The same of a library whatever it is made of. */
export const announceLibrary = (opened: OpenLibrary, publish: Publish): OpenLibrary =>
  opened.kind === "folder"
    ? { ...opened, library: announceFolder(opened.library, publish) }
    : { ...opened, library: announceArchives(opened.library, publish) };
