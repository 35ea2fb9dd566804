import { cleanText } from "@hitagi/contract";
import { Type } from "typebox";
import { joinTags } from "../../library/tags.ts";
import type { Library } from "../../library/types.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import { archiveView } from "../archive-view.ts";
import {
  argsOf,
  type Capability,
  capability,
  Id,
  libraryAdd,
  libraryRead,
  libraryWrite,
  NoArgs,
} from "./capability.ts";

export type LibraryMethods = "search" | "get" | "update" | "list" | "count" | "folder" | "categories";

/** One tag: no comma, which would make it two. */
const Tag = Type.String({ pattern: "^[^,]+$", maxLength: 512 });

/** Characters of a page of the list, far below the limit of a message. */
const PAGE_CHARACTERS = 1024 * 1024;

/** An archive with what a list of the library shows beyond a plugin's own archive. */
const recordView = (record: ArchiveRecord) => ({
  ...archiveView(record),
  pages: record.pages,
  /** Its file below the library's folder. */
  path: record.file,
});

/** The archives from a place in the list on, as many as fit into a page. */
const pageOf = (all: readonly ArchiveRecord[], offset: number, limit: number) => {
  const page: ReturnType<typeof recordView>[] = [];
  let characters = 0;
  for (const record of all.slice(offset, offset + limit)) {
    characters += record.title.length + record.tags.length + record.summary.length + record.file.length;
    if (page.length > 0 && characters > PAGE_CHARACTERS) break;
    page.push(recordView(record));
  }
  return { total: all.length, archives: page };
};

/** What plugins can do in the library. */
export const libraryCapabilities = (library: Pick<Library, LibraryMethods>): readonly Capability[] => [
  capability({
    name: "library.search",
    permission: libraryRead,
    args: argsOf({
      text: Type.String({ maxLength: 1024 }),
      limit: Type.Integer({ minimum: 1, maximum: 1000 }),
    }),
    limits: { concurrency: 2, perSecond: 50, maxQueued: 64 },
    run: async ({ text, limit }) => (await library.search(text, limit)).map(archiveView),
  }),
  capability({
    name: "library.get",
    permission: libraryRead,
    args: argsOf({ id: Id }),
    limits: { concurrency: 4, perSecond: 500, maxQueued: 256 },
    run: async ({ id }) => archiveView(await library.get(id)),
  }),
  capability({
    name: "library.update",
    permission: libraryWrite,
    args: argsOf({
      id: Id,
      title: Type.Optional(Type.String({ maxLength: 4096 })),
      tags: Type.Optional(Type.Array(Tag, { maxItems: 2000 })),
      summary: Type.Optional(Type.String({ maxLength: 65_536 })),
    }),
    limits: { concurrency: 1, perSecond: 50, maxQueued: 256 },
    run: async ({ id, tags, ...texts }) => {
      const patch = tags ? { ...texts, tags: joinTags(tags) } : texts;
      return archiveView(await library.update(id, patch));
    },
  }),
  capability({
    name: "library.add",
    permission: libraryAdd,
    args: argsOf({ url: Type.String({ maxLength: 2048 }) }),
    limits: { concurrency: 1, perSecond: 20, maxQueued: 256 },
    run: async ({ url }, downloads) => downloads.add(cleanText(url)),
  }),
  capability({
    name: "library.record",
    permission: libraryRead,
    args: argsOf({ id: Id }),
    limits: { concurrency: 4, perSecond: 500, maxQueued: 256 },
    run: async ({ id }) => recordView(await library.get(id)),
  }),
  capability({
    name: "library.list",
    permission: libraryRead,
    args: argsOf({
      offset: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 1000 }),
    }),
    limits: { concurrency: 1, perSecond: 50, maxQueued: 64 },
    // The pages of a list come from one reading of the library.
    run: async ({ offset, limit }, _, { archives }) => pageOf(await archives(offset === 0), offset, limit),
  }),
  capability({
    name: "library.info",
    permission: libraryRead,
    args: NoArgs,
    limits: { concurrency: 2, perSecond: 50, maxQueued: 64 },
    run: async () => ({ folder: library.folder ?? null, archives: await library.count() }),
  }),
];
