import { CategoryId } from "@hitagi/contract";
import { Type } from "typebox";
import type { Library } from "../../library/types.ts";
import { argsOf, type Capability, capability, Id, libraryRead, libraryWrite, NoArgs } from "./capability.ts";

const Text = Type.String({ maxLength: 4096 });
const reading = { concurrency: 2, perSecond: 100, maxQueued: 256 };
const writing = { concurrency: 1, perSecond: 50, maxQueued: 256 };

/** What plugins can do with the library's categories. */
export const categoryCapabilities = ({ categories }: Pick<Library, "categories">): readonly Capability[] => [
  capability({
    name: "categories.list",
    permission: libraryRead,
    args: NoArgs,
    limits: reading,
    run: () => categories.list(),
  }),
  capability({
    name: "categories.create",
    permission: libraryWrite,
    args: argsOf({ name: Text, search: Text, pinned: Type.Boolean() }),
    limits: writing,
    run: (fields) => categories.create(fields),
  }),
  capability({
    name: "categories.update",
    permission: libraryWrite,
    args: argsOf({
      id: CategoryId,
      name: Type.Optional(Text),
      search: Type.Optional(Text),
      pinned: Type.Optional(Type.Boolean()),
    }),
    limits: writing,
    run: async ({ id, ...fields }) => {
      await categories.update(id, fields);
      return null;
    },
  }),
  capability({
    name: "categories.delete",
    permission: libraryWrite,
    args: argsOf({ id: CategoryId }),
    limits: writing,
    run: async ({ id }) => {
      await categories.delete(id);
      return null;
    },
  }),
  capability({
    name: "categories.add",
    permission: libraryWrite,
    args: argsOf({ id: CategoryId, archive: Id }),
    limits: writing,
    run: ({ id, archive }) => categories.add(id, archive),
  }),
  capability({
    name: "categories.remove",
    permission: libraryWrite,
    args: argsOf({ id: CategoryId, archive: Id }),
    limits: writing,
    run: ({ id, archive }) => categories.remove(id, archive),
  }),
  capability({
    name: "categories.bookmark",
    permission: libraryRead,
    args: NoArgs,
    limits: reading,
    run: async () => (await categories.bookmark()) ?? "",
  }),
  capability({
    name: "categories.linkBookmark",
    permission: libraryWrite,
    args: argsOf({ id: CategoryId }),
    limits: writing,
    run: async ({ id }) => {
      await categories.linkBookmark(id);
      return null;
    },
  }),
  capability({
    name: "categories.unlinkBookmark",
    permission: libraryWrite,
    args: NoArgs,
    limits: writing,
    run: async () => (await categories.unlinkBookmark()) ?? "",
  }),
];
