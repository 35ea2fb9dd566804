import { cleanText, comparableText } from "@hitagi/contract";
import type { Library } from "./types.ts";

/**
 * A text as the library stores it: clean, in NFC, and without U+FFFD. A program writes that in place of bytes that it could not read,
 * so it says nothing, and no search finds the name that it is part of.
 */
export const storedText = (text: string): string => cleanText(text).replaceAll("\ufffd", "").normalize("NFC");

/** The same on one line, trimmed. */
export const storedLine = (text: string): string =>
  storedText(text)
    .replace(/[\t\n]+/g, " ")
    .trim();

/** The tags of LANraragi's comma-separated form, trimmed, without empty ones and without repeats. */
export const splitTags = (tags: string): string[] => distinct(tags.split(","));

/** A text of tags as it is kept: each trimmed, none empty, none twice. */
export const tidyTags = (tags: string): string => joinTags(splitTags(tags));

/** LANraragi's form: `artist:a, source:b`. */
export const joinTags = (tags: readonly string[]): string => distinct(tags).join(", ");

/** The found tags that are not among the existing ones, in the order found. */
export const missingTags = (existing: readonly string[], found: readonly string[]): string[] => {
  const known = new Set(existing.map(sameTag));
  return distinct(found).filter((tag) => !known.has(sameTag(tag)));
};

/** Tags that differ only in case, or in how their characters are composed, are one tag, as in LANraragi's search. */
const sameTag = (tag: string) => comparableText(tag.trim());

/** The first spelling of each tag stays. */
const distinct = (tags: readonly string[]): string[] => {
  const seen = new Map<string, string>();
  for (const tag of tags) {
    const trimmed = storedText(tag).replace(/\s+/g, " ").trim();
    if (trimmed !== "" && !seen.has(sameTag(trimmed))) seen.set(sameTag(trimmed), trimmed);
  }
  return [...seen.values()];
};

/** A title as it is stored; the other text if it is empty. */
export const titleOr = (title: string | null | undefined, other: string): string =>
  storedLine(title ?? "") || storedLine(other);

/** What may be changed of an archive. */
export type ArchiveChange = Parameters<Library["update"]>[1];

/** A change as it is stored: each tag once, and no empty title. */
export const tidyChange = ({ title: given, tags, summary }: ArchiveChange): ArchiveChange => {
  const title = titleOr(given, "");
  return {
    ...(title !== "" && { title }),
    ...(tags !== undefined && { tags: tidyTags(tags) }),
    ...(summary !== undefined && { summary: storedText(summary) }),
  };
};
