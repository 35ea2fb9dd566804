import { comparableText } from "@hitagi/contract";
import type { PlacedArchive } from "../store/types.ts";

/**
 * What lists of archives are chosen and sorted by, in the form in which it is compared. It holds no summary and each text once, because
 * a server has one for each archive.
 */
export interface ArchiveRow {
  readonly place: number;
  readonly id: string;
  /** The title, the tags and the file, on lines of their own; a title or a file may have lines too. */
  readonly text: string;
  readonly titleEnd: number;
  readonly tagsEnd: number;
  readonly added: number;
  readonly size: number;
  readonly pages: number;
}

export const rowOf = ({ place, archive }: PlacedArchive): ArchiveRow => {
  const { id, title, tags, file, added, size, pages } = archive;
  // In one piece: a text that is put together of others keeps these in memory too.
  const text = comparableText(`${title}\n${tags}\n${file}`);
  const titleEnd = comparableText(title).length;
  const tagsEnd = titleEnd + 1 + comparableText(tags).length;
  return { place, id, text, titleEnd, tagsEnd, added, size, pages };
};

export const titleOf = ({ text, titleEnd }: ArchiveRow): string => text.slice(0, titleEnd);
export const tagsOf = ({ text, titleEnd, tagsEnd }: ArchiveRow): string => text.slice(titleEnd + 1, tagsEnd);
export const fileOf = ({ text, tagsEnd }: ArchiveRow): string => text.slice(tagsEnd + 1);
export const filenameOf = (row: ArchiveRow): string => {
  const file = fileOf(row);
  return file.slice(file.lastIndexOf("/") + 1);
};
