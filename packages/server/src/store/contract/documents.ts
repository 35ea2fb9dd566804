import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";

/**
 * A small document of the owner, such as the field policy: one JSON value under a name. A room that has one does not read it here,
 * but through `documents/`, which checks its schema and keeps a copy in memory.
 */
export const DocumentRecord = Type.Object({
  name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
  value: Type.Unknown(),
  /** Grows by one with each change. */
  revision: Type.Integer({ minimum: 1 }),
});
export type DocumentRecord = Static<typeof DocumentRecord>;

/** Bytes of a document as JSON. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** The stored text of a document. @throws HitagiError DOCUMENT_TOO_LARGE */
export const documentText = (name: string, value: unknown): string => {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new HitagiError("DOCUMENT_TOO_LARGE", { name, bytes, limit: MAX_DOCUMENT_BYTES });
  return text;
};

export const unusableDocument = (name: string): HitagiError =>
  new HitagiError("DOCUMENT_INVALID", { name, reason: "its record in the store is damaged" });

export interface DocumentStore {
  /**
   * @returns undefined if it was never set
   * @throws HitagiError DOCUMENT_INVALID if its record cannot be used: a policy that is lost so must not count as none
   */
  get(name: string): Promise<Omit<DocumentRecord, "name"> | undefined>;
  /**
   * Replaces a document whose revision is still the expected one, and logs the change for the other nodes.
   * @param expected 0 if the document must not exist yet
   * @returns the new revision; undefined if another change came first
   * @throws HitagiError DOCUMENT_TOO_LARGE
   */
  set(name: string, value: unknown, expected: number): Promise<number | undefined>;
}
