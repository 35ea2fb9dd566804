import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { announceArchives } from "../../src/events/announce-archives.ts";
import type { EventBody } from "../../src/events/types.ts";
import { createFolderLibrary } from "../../src/library/folder.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { ArchiveStore } from "../../src/store/types.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("a change is handed on whole, with how durable it must be, and told of after it", async () => {
  const folder = await tempFolder();
  const store = await openSqliteStore(`${folder}/hitagi.db`);
  onTestFinished(() => store.close());
  const asked: unknown[] = [];
  const archives: ArchiveStore = {
    ...store.archives,
    update: (...given) => {
      asked.push(given[2]);
      return store.archives.update(...given);
    },
  };
  const told: EventBody[] = [];
  const library = announceArchives(
    createFolderLibrary({
      folder: `${folder}/library`,
      archives,
      locks: store.locks,
      maxUploadBytes: 1e6,
      now: () => 1,
    }),
    (event) => void told.push(event),
  );
  const { id } = await library.add({ filename: "a.cbz", stream: Readable.from(cbz("a")) });
  await library.update(id, { title: "B" }, "relaxed");
  await expect(library.update("0".repeat(40), { title: "C" })).rejects.toMatchObject({
    code: "ARCHIVE_NOT_FOUND",
  });
  expect(asked[0]).toBe("relaxed");
  expect(told).toEqual([
    { kind: "archive", action: "added", archive: id, title: "a" },
    { kind: "archive", action: "changed", archive: id, title: "B" },
  ]);
});
