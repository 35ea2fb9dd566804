import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { Header, type HeaderData } from "tar";

const BLOCK = 512;

const entryOf = (about: HeaderData, content: Buffer): Buffer => {
  const header = new Header({ size: content.length, mode: 0o600, type: "File", ...about });
  header.encode();
  const padded = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK);
  content.copy(padded);
  return Buffer.concat([header.block ?? Buffer.alloc(0), padded]);
};

/** A tar of these files, in this order. */
export const tarOf = (files: [string, string | Buffer][]): Buffer => {
  const entries = files.map(([path, content]) => entryOf({ path }, Buffer.from(content)));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]));
};

export const manifest = (extra: object = {}): [string, string] => [
  "manifest.json",
  JSON.stringify({
    format: 1,
    hitagi: "0.1.0",
    created: "2026-01-02T03:04:05Z",
    parts: [],
    files: [],
    ...extra,
  }),
];

/** An entry that is put into a backup: a file with its text, or a header that says something else. */
export interface Added extends HeaderData {
  path: string;
  text?: string;
}

/** A backup with more entries, which its manifest names as if Hitagi had put them there. */
export const withAdded = (backup: Buffer, added: readonly Added[]): Buffer => {
  const tar = gunzipSync(backup);
  // The manifest is the last entry, with a header of one block.
  const at = tar.lastIndexOf("manifest.json\0");
  const { size = 0 } = new Header(tar, at);
  const about = JSON.parse(tar.subarray(at + BLOCK, at + BLOCK + size).toString());
  for (const { path, text = "", type = "File" } of added) {
    if (type !== "File") continue;
    about.files.push({ path, size: text.length, sha256: createHash("sha256").update(text).digest("hex") });
  }
  const entries = added.map(({ text = "", ...header }) => entryOf(header, Buffer.from(text)));
  const last = entryOf({ path: "manifest.json" }, Buffer.from(JSON.stringify(about)));
  return gzipSync(Buffer.concat([tar.subarray(0, at), ...entries, last, Buffer.alloc(2 * BLOCK)]));
};
