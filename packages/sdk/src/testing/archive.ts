import { type ZipEntry, zipOf } from "./zip.ts";

/** What a library says of an archive. */
export interface ArchiveTexts {
  /** By default the name of its file without the ending. */
  title?: string;
  tags?: readonly string[];
  summary?: string;
}

/** A file as an archive for a test. */
export interface TestFile extends ArchiveTexts {
  /** The path, relative to the plugin. */
  file: string;
}

/** A made archive for a test. The same description gives the same bytes, and so the same id. */
export interface TestArchive extends ArchiveTexts {
  /** The name of its file; `archive.cbz` by default. */
  name?: string;
  /** The number of pages, `001.png` and so on, or their names. */
  pages?: number | readonly string[];
  /** The elements of a ComicInfo.xml, or its text. */
  comicInfo?: Readonly<Record<string, string | number>> | string;
  /** Further files by their names: text, bytes, or a value that is written as JSON. */
  files?: Readonly<Record<string, string | Uint8Array | object>>;
  /** The bytes of the file, in place of all that makes a zip: for a broken archive, or another format. */
  bytes?: Uint8Array;
}

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const comicInfoOf = (fields: NonNullable<TestArchive["comicInfo"]>): string => {
  if (typeof fields === "string") return fields;
  const elements = Object.entries(fields).map(
    ([name, value]) => `  <${name}>${escaped(String(value))}</${name}>`,
  );
  return ['<?xml version="1.0" encoding="utf-8"?>', "<ComicInfo>", ...elements, "</ComicInfo>", ""].join(
    "\n",
  );
};

const pageNames = (pages: NonNullable<TestArchive["pages"]>): readonly string[] =>
  typeof pages === "number"
    ? Array.from({ length: pages }, (_, i) => `${String(i + 1).padStart(3, "0")}.png`)
    : pages;

const bytesOf = (content: string | Uint8Array | object): Uint8Array => {
  if (content instanceof Uint8Array) return content;
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content, null, 2));
};

/** The bytes of an archive: by default a .cbz with one page. */
export const archiveBytes = ({ pages = 1, comicInfo, files = {}, bytes }: TestArchive = {}): Uint8Array => {
  if (bytes) return bytes;
  const entries: ZipEntry[] = [
    ...(comicInfo === undefined ? [] : [["ComicInfo.xml", Buffer.from(comicInfoOf(comicInfo))] as const]),
    ...Object.entries(files).map(([name, content]) => [name, bytesOf(content)] as const),
    ...pageNames(pages).map((name) => [name, PIXEL] as const),
  ];
  return zipOf(entries);
};
