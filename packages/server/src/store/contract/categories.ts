import { CategoryId } from "@hitagi/contract";
import { type Static, Type } from "typebox";

export const CategoryRecord = Type.Object({
  /** `SET_` and the epoch seconds of its creation, or the next free number, as in LANraragi. */
  id: CategoryId,
  name: Type.String(),
  /** The search of a dynamic category; empty for a static one. */
  search: Type.String(),
  pinned: Type.Boolean(),
  /** Ids of archives, in the order in which they were added. */
  archives: Type.Array(Type.String()),
  /** When it was linked to the bookmark button, in epoch milliseconds; 0 if it is not. The newest link counts. */
  bookmarked: Type.Integer({ minimum: 0 }),
  /** Grows with every change. */
  revision: Type.Integer({ minimum: 1 }),
});
export type CategoryRecord = Static<typeof CategoryRecord>;

export interface CategoryStore {
  /** By id, which is the order of creation. */
  list(): Promise<CategoryRecord[]>;
  get(id: string): Promise<CategoryRecord | undefined>;
  /**
   * Adds, replaces or removes a category, if nothing changed it meanwhile.
   * @param revision of the record that is replaced; undefined to add one
   * @param record what it becomes; undefined to remove it
   * @returns false if the stored record has another revision, or is missing, or exists
   */
  replace(id: string, revision: number | undefined, record: CategoryRecord | undefined): Promise<boolean>;
}
