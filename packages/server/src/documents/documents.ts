import { type EventPolicy, HitagiError, type ServerPart } from "@hitagi/contract";
import type { Static, TSchema } from "typebox";
import type { EnsureFresh } from "../freshness.ts";
import { type RecordCheck, recordCheck } from "../store/bad-records.ts";
import type { DocumentStore } from "../store/types.ts";

/** A small document of the owner. Each room describes its own with {@link documentKind}. */
export interface DocumentKind<T> {
  readonly name: string;
  readonly check: RecordCheck<T>;
  /** What it is until it is first changed. */
  readonly initial: T;
  /** Given if its changes are events: what they say has changed. */
  readonly subject: EventPolicy | ServerPart | undefined;
}

/**
 * Describes a document.
 * @param name lower-case words joined by `-`, such as `field-policy`; a released name stays
 * @param schema what is stored; what it accepts today it must accept in later versions
 * @param subject what its changes are in events
 */
export const documentKind = <S extends TSchema>(
  name: string,
  schema: S,
  initial: Static<S>,
  subject?: EventPolicy | ServerPart,
): DocumentKind<Static<S>> => ({ name, check: recordCheck(schema), initial, subject });

/** A document as it is stored; its revision is 0 until it is first changed. */
export interface StoredDocument<T> {
  readonly value: T;
  readonly revision: number;
}

/**
 * The owner's small documents, such as policies and rules, at most 1 MiB each. They are in every backup and store copy.
 *
 *     const fieldPolicy = documentKind("field-policy", FieldPolicy, { rules: [] });
 *     const { value } = await documents.read(fieldPolicy);
 *     await documents.change(fieldPolicy, ({ value }) => ({ rules: [...value.rules, rule] }));
 */
export interface Documents {
  /**
   * The document, from this node's memory, so that a call of a plugin may read it each time. Treat it as read-only.
   * @throws HitagiError DOCUMENT_INVALID if it is stored in a form that this version cannot use; never its initial value then
   */
  read<T>(kind: DocumentKind<T>): Promise<StoredDocument<T>>;
  /**
   * Replaces the document by what `next` makes of it. `next` is called again if another change came first; it may throw to change
   * nothing, for example when the revision is not the one that a client saw. Resolves when every node reads the new document.
   * @throws HitagiError DOCUMENT_CHANGED after many tries, DOCUMENT_TOO_LARGE, DOCUMENT_INVALID, and what `next` throws
   */
  change<T>(kind: DocumentKind<T>, next: (stored: StoredDocument<T>) => T): Promise<StoredDocument<T>>;
  /** Makes the next reads ask the store, after a change on another node. */
  forget(): void;
}

export interface DocumentsDeps {
  store: DocumentStore;
  ensureFresh: EnsureFresh;
}

const MAX_TRIES = 20;

/** The documents of a store. Its changes are those of this node; `cluster/` makes them wait for the others. */
export const createDocuments = ({ store, ensureFresh }: DocumentsDeps): Documents => {
  /** Promises, so that a read that began before a change is not kept after it. */
  const kept = new Map<string, Promise<StoredDocument<unknown>>>();

  const readStore = async <T>({ name, check, initial }: DocumentKind<T>): Promise<StoredDocument<T>> => {
    const stored = await store.get(name);
    if (stored === undefined) return { value: initial, revision: 0 };
    const { value, revision } = stored;
    if (!check.is(value)) throw new HitagiError("DOCUMENT_INVALID", { name, reason: check.reason(value) });
    return { value, revision };
  };
  const keep = <T>(kind: DocumentKind<T>): Promise<StoredDocument<T>> => {
    const reading = readStore(kind);
    kept.set(kind.name, reading);
    reading.catch(() => {
      if (kept.get(kind.name) === reading) kept.delete(kind.name);
    });
    return reading;
  };
  return {
    read: async <T>(kind: DocumentKind<T>) => {
      await ensureFresh();
      return ((kept.get(kind.name) as Promise<StoredDocument<T>> | undefined) ?? keep(kind)) as Promise<
        StoredDocument<T>
      >;
    },
    change: async (kind, next) => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const stored = await readStore(kind);
        const value = next(stored);
        const revision = await store.set(kind.name, value, stored.revision);
        kept.delete(kind.name);
        if (revision !== undefined) return { value, revision };
      }
      throw new HitagiError("DOCUMENT_CHANGED", { name: kind.name });
    },
    forget: () => kept.clear(),
  };
};
