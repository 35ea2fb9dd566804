import { type Static, Type } from "typebox";

export const CategoryId = Type.String({
  pattern: "^SET_[0-9]{10}$",
  description: "The id of a category: `SET_` and ten digits.",
});

/** A category in the form of LANraragi's clients. */
export const CategoryMetadata = Type.Object({
  id: CategoryId,
  name: Type.String(),
  /** The search of a dynamic category; empty for a static one. */
  search: Type.String(),
  /** 1 if readers show it first, else 0. */
  pinned: Type.Integer({ minimum: 0, maximum: 1 }),
  /** Ids of archives; empty in a dynamic category. */
  archives: Type.Array(Type.String()),
});
export type CategoryMetadata = Static<typeof CategoryMetadata>;
