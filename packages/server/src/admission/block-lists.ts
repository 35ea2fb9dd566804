import {
  type BlockHit,
  type BlockList,
  HitagiError,
  isHitagiError,
  MAX_BLOCK_LISTS,
  type Registry,
} from "@hitagi/contract";
import { type BlockEntry, readBlockList, TrustError } from "@hitagi/trust";
import type { Documents } from "../documents/documents.ts";
import {
  type BlockListDocument,
  blockLists,
  editionOf,
  type StoredBlockList,
} from "./block-list-document.ts";
import { type BlockSubject, isHit } from "./block-match.ts";
import type { Candidate } from "./install-policy.ts";
import { type LoadDeps, loadBlockList } from "./load-block-list.ts";
import type { Judgement } from "./types.ts";

export interface BlockListDeps extends LoadDeps {
  documents: Pick<Documents, "read" | "change">;
  /** Epoch seconds. */
  now: () => number;
}

/** An entry that is about a plugin, and its list. */
export interface FoundEntry {
  list: string;
  entry: BlockEntry;
}

/** Why a list was not loaded; the edition before stays. @throws what is no failure of the list */
const failureOf = (error: unknown, at: number): StoredBlockList["failure"] => {
  const known =
    error instanceof TrustError ? new HitagiError("BLOCK_LIST_INVALID", { reason: error.message }) : error;
  if (!isHitagiError(known) || isHitagiError(known, "STOPPING")) throw error;
  return { code: known.code, error: known.message, hint: known.hint, at };
};

/** The lists that the owner follows. */
export const createBlockLists = (deps: BlockListDeps) => {
  const { documents, now } = deps;

  /** The list with the edition that its address has now. */
  const loaded = async (list: StoredBlockList, signal?: AbortSignal): Promise<StoredBlockList> => {
    const { failure: _, ...before } = list;
    try {
      const bytes = await loadBlockList(deps, list.address, signal);
      const found = readBlockList(bytes, list.key ?? undefined);
      const accepted = editionOf(list);
      if (accepted?.sha256 === found.sha256) return list.failure ? before : list;
      if (accepted && found.sequence <= accepted.sequence)
        throw new HitagiError("BLOCK_LIST_OLDER", {
          ...{ name: list.name, found: found.sequence, accepted: accepted.sequence },
        });
      return { ...before, key: found.key.text, note: bytes.toString("utf8"), loaded: Math.floor(now()) };
    } catch (error) {
      const failure = failureOf(error, Math.floor(now()));
      return list.failure?.code === failure?.code ? list : { ...list, ...(failure && { failure }) };
    }
  };

  /** Replaces a list by what was loaded, unless it was changed meanwhile. */
  const keep = async (before: StoredBlockList, after: StoredBlockList): Promise<void> => {
    if (before === after) return;
    await documents.change(blockLists, ({ value }) => ({
      ...value,
      lists: value.lists.map((list) =>
        list.name === before.name && list.address === before.address && list.note === before.note
          ? after
          : list,
      ),
    }));
  };

  const read = async (): Promise<BlockListDocument> => (await documents.read(blockLists)).value;

  return {
    read,
    /** @throws HitagiError BLOCK_LIST_EXISTS, BLOCK_LISTS_FULL */
    add: async (name: string, address: string, key: string | undefined): Promise<void> => {
      const added: StoredBlockList = { name, address, key: key ?? null, note: null, loaded: null };
      const { value } = await documents.change(blockLists, ({ value }) => {
        if (value.lists.some((list) => list.name === name))
          throw new HitagiError("BLOCK_LIST_EXISTS", { name });
        if (value.lists.length >= MAX_BLOCK_LISTS)
          throw new HitagiError("BLOCK_LISTS_FULL", { limit: MAX_BLOCK_LISTS });
        return { ...value, lists: [...value.lists, added] };
      });
      const list = value.lists.find((one) => one.name === name);
      if (list) await keep(list, await loaded(list));
    },
    /** @throws HitagiError BLOCK_LIST_NOT_FOUND */
    remove: (name: string): Promise<unknown> =>
      documents.change(blockLists, ({ value }) => {
        const lists = value.lists.filter((list) => list.name !== name);
        if (lists.length === value.lists.length) throw new HitagiError("BLOCK_LIST_NOT_FOUND", { name });
        return { ...value, lists };
      }),
    /** Loads all lists. One that fails keeps its edition, and does not stop the others. */
    refresh: async (signal?: AbortSignal): Promise<void> => {
      for (const list of (await read()).lists) await keep(list, await loaded(list, signal));
    },
    allow: (namespace: string, isAllowed: boolean): Promise<unknown> =>
      documents.change(blockLists, ({ value }) => {
        const others = value.allowed.filter((one) => one.namespace !== namespace);
        return {
          ...value,
          allowed: isAllowed ? [...others, { namespace, since: Math.floor(now()) }] : others,
        };
      }),
  };
};
export type BlockLists = ReturnType<typeof createBlockLists>;

/** The entries of all lists that are about a plugin; those that block come first. */
export const entriesAbout = ({ lists }: BlockListDocument, subject: BlockSubject): FoundEntry[] =>
  lists
    .flatMap((list) =>
      (editionOf(list)?.entries ?? [])
        .filter((entry) => isHit(entry, subject))
        .map((entry) => ({ list: list.name, entry })),
    )
    .sort((a, b) => Number(a.entry.action === "warn") - Number(b.entry.action === "warn"));

/** Whether no block list counts for a plugin, because the owner allows it. */
export const isAllowed = ({ allowed }: BlockListDocument, namespace: string): boolean =>
  allowed.some((one) => one.namespace === namespace);

/** What the lists say of a plugin that is to be installed. While one of them was never loaded, nothing is installed. */
export const blockJudgement = (
  document: BlockListDocument,
  { namespace, version, sha256 }: Candidate,
  registry: Pick<Registry, "url"> | undefined,
): Judgement => {
  const missing = document.lists.find((list) => editionOf(list) === undefined);
  if (missing)
    return { refusals: [new HitagiError("BLOCK_LIST_NOT_LOADED", { name: missing.name })], warnings: [] };
  if (isAllowed(document, namespace)) return { refusals: [], warnings: [] };
  const found = entriesAbout(document, { namespace, sha256, registry });
  const errors = (action: BlockEntry["action"], code: "PLUGIN_BLOCKED" | "PLUGIN_WARNED_OF") =>
    found
      .filter(({ entry }) => entry.action === action)
      .map(({ list, entry: { reason } }) => new HitagiError(code, { namespace, version, list, reason }));
  return { refusals: errors("block", "PLUGIN_BLOCKED"), warnings: errors("warn", "PLUGIN_WARNED_OF") };
};

/** A list as the API shows it. */
export const shownList = (list: StoredBlockList): BlockList => {
  const { note: _, ...shown } = list;
  const edition = editionOf(list);
  return {
    ...shown,
    sequence: edition?.sequence ?? null,
    entries: edition?.entries.length ?? 0,
    ignored: edition?.ignored ?? 0,
  };
};

/** An entry about an installed plugin as the API shows it. */
export const shownHit = (
  document: BlockListDocument,
  { namespace, version }: { namespace: string; version: string },
  { list, entry: { action, kind, reason } }: FoundEntry,
): BlockHit => ({ namespace, version, list, action, kind, reason, allowed: isAllowed(document, namespace) });
