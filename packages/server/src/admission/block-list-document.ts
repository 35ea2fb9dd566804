import { AllowedPlugin, BlockListName, Epoch, Nullable, RefreshFailure } from "@hitagi/contract";
import { readBlockList, TrustError, type VerifiedBlockList } from "@hitagi/trust";
import { type Static, Type } from "typebox";
import { documentKind } from "../documents/documents.ts";

const StoredBlockList = Type.Object({
  name: BlockListName,
  address: Type.String(),
  /** The text of its pinned key; null before the first load, where its owner gave none. */
  key: Nullable(Type.String()),
  /** The signed note of the accepted edition, of at most 128 KiB; null if none was ever loaded. */
  note: Nullable(Type.String()),
  /** When that edition was loaded. */
  loaded: Nullable(Epoch),
  failure: Type.Optional(RefreshFailure),
});
export type StoredBlockList = Static<typeof StoredBlockList>;

/** The block lists with their accepted editions, and the plugins that the owner allows all the same. */
export const blockLists = documentKind(
  "block-lists",
  Type.Object({ lists: Type.Array(StoredBlockList), allowed: Type.Array(AllowedPlugin) }),
  { lists: [], allowed: [] },
  "blocks",
);
export type BlockListDocument = (typeof blockLists)["initial"];

/** Verifying takes a millisecond, and a document in memory is the same object until it changes. */
const verified = new WeakMap<StoredBlockList, VerifiedBlockList | null>();

/** The accepted edition of a list, verified again; undefined if there is none, or if what the store has does not verify. */
export const editionOf = (list: StoredBlockList): VerifiedBlockList | undefined => {
  const known = verified.get(list);
  if (known !== undefined) return known ?? undefined;
  let edition: VerifiedBlockList | null = null;
  try {
    if (list.note !== null) edition = readBlockList(Buffer.from(list.note), list.key ?? undefined);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
  }
  verified.set(list, edition);
  return edition ?? undefined;
};
