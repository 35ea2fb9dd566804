import type { FolderLibrary } from "../library/folder.ts";
import type { OpenLibrary } from "../library/library.ts";
import type { Library } from "../library/types.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { type MethodWrappers, wrapMethods } from "../wrap-methods.ts";
import type { Publish } from "./types.ts";

type Action = "added" | "changed" | "removed";
type PublishArchive = (action: Action, archive: Pick<ArchiveRecord, "id" | "title">) => void;

/** Publishes an event after each change that is made through this server. */
const announcing = (publish: PublishArchive): MethodWrappers<Library> => {
  const published =
    (action: Action) =>
    <A extends unknown[]>(change: (...given: A) => Promise<ArchiveRecord>) =>
    async (...given: A): Promise<ArchiveRecord> => {
      const archive = await change(...given);
      publish(action, archive);
      return archive;
    };
  return {
    add: published("added"),
    update: published("changed"),
    delete: published("removed"),
    list: "unchanged",
    count: "unchanged",
    missing: "unchanged",
    get: "unchanged",
    entries: "unchanged",
    read: "unchanged",
    localFile: "unchanged",
    search: "unchanged",
  };
};

/** The same for a folder, and for what others changed in it. */
const announcingFolder = (
  publish: PublishArchive,
  { get }: FolderLibrary,
): MethodWrappers<FolderLibrary> => ({
  ...announcing(publish),
  sync: (sync) => async (options) => {
    const report = await sync(options);
    for (const archive of report.added) publish("added", archive);
    for (const { id } of report.moved) publish("changed", await get(id));
    for (const { from, to } of report.replaced) {
      const archive = await get(to);
      publish("removed", { ...archive, id: from });
      publish("added", archive);
    }
    return report;
  },
});

/** A library that publishes an event after each change of an archive. */
export const announceLibrary = (opened: OpenLibrary, publish: Publish): OpenLibrary => {
  const publishArchive: PublishArchive = (action, { id, title }) =>
    publish({ kind: "archive", action, archive: id, title });
  return opened.kind === "folder"
    ? { ...opened, library: wrapMethods(opened.library, announcingFolder(publishArchive, opened.library)) }
    : { ...opened, library: wrapMethods(opened.library, announcing(publishArchive)) };
};
