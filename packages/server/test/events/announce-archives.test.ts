import { mkdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { announceLibrary } from "../../src/events/announce.ts";
import type { EventBody } from "../../src/events/types.ts";
import { createFolderLibrary } from "../../src/library/folder.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { ArchiveStore } from "../../src/store/types.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("a change passes all its arguments on, and is published after it", async () => {
  const folder = await tempFolder();
  const store = await openSqliteStore(`${folder}/hitagi.db`);
  onTestFinished(() => store.close());
  const durabilities: unknown[] = [];
  const archives: ArchiveStore = {
    ...store.archives,
    update: (...given) => {
      durabilities.push(given[2]);
      return store.archives.update(...given);
    },
  };
  const published: EventBody[] = [];
  await mkdir(`${folder}/library`);
  const opened = createFolderLibrary({
    folder: `${folder}/library`,
    archives,
    categories: store.categories,
    locks: store.locks,
    maxUploadBytes: 1e6,
    now: () => 1,
  });
  const { library } = announceLibrary(
    { kind: "folder", library: opened, close: async () => {} },
    (event) => void published.push(event),
  );
  const { id } = await library.add({ filename: "a.cbz", stream: Readable.from(cbz("a")) });
  await library.update(id, { title: "B" }, "relaxed");
  await expect(library.update("0".repeat(40), { title: "C" })).rejects.toMatchObject({
    code: "ARCHIVE_NOT_FOUND",
  });
  expect(durabilities[0]).toBe("relaxed");
  expect(published).toEqual([
    { kind: "archive", action: "added", archive: id, title: "a" },
    { kind: "archive", action: "changed", archive: id, title: "B" },
  ]);
});
