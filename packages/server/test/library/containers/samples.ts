import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { createCanvas } from "@napi-rs/canvas";
import type { SevenZipModuleFactory } from "7z-wasm";
import { zipSync } from "fflate";
import { Header } from "tar";
import type { EntryTypeName as TarType } from "tar/types";
import { type Files, rar4, rar5 } from "./rar.ts";

const createSevenZip = createRequire(import.meta.url)("7z-wasm") as SevenZipModuleFactory;

/** Runs 7-Zip on files in memory. @returns the archive */
export const sevenZip = async (files: Files, ...args: string[]): Promise<Buffer> => {
  const { FS, callMain } = await createSevenZip({ print: () => {}, printErr: () => {} });
  FS.mkdir("/in");
  for (const [name, bytes] of Object.entries(files)) {
    const parts = path.posix.dirname(name).split("/");
    for (let n = 1; n <= parts.length; n++) {
      const folder = `/in/${parts.slice(0, n).join("/")}`;
      if (parts[0] !== "." && !FS.readdir(path.posix.dirname(folder)).includes(path.posix.basename(folder)))
        FS.mkdir(folder);
    }
    FS.writeFile(`/in/${name}`, bytes);
  }
  (FS as unknown as { chdir(folder: string): void }).chdir("/in");
  callMain(["a", ...args, "-spd", "/out.bin", "--", ...Object.keys(files)]);
  return Buffer.from(FS.readFile("/out.bin"));
};

/** One entry of a tar whose name is bytes in any encoding, at most 100. */
export const tarEntry = (name: Uint8Array, bytes: Buffer, type: TarType = "File", prefix = ""): Buffer => {
  const header = new Header({ path: "x", mode: 0o644, size: bytes.length, type, mtime: new Date(0) });
  header.encode();
  const block = header.block as Buffer;
  block.fill(0, 0, 100).set(name, 0);
  block.write(prefix, 345);
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
};

export const tar = (files: Files): Buffer => {
  const parts = Object.entries(files).flatMap(([name, bytes]) => {
    const header = new Header({
      path: name,
      mode: 0o644,
      size: bytes.length,
      type: "File",
      mtime: new Date(0),
    });
    header.encode();
    return [header.block as Buffer, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
};

const jpeg = (color: string): Buffer => {
  const canvas = createCanvas(30, 40);
  const context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 30, 40);
  return canvas.toBuffer("image/jpeg", 90);
};

const stream = (dictionary: string, data: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`<<${dictionary}/Length ${data.length}>>stream\n`),
    data,
    Buffer.from("\nendstream"),
  ]);

/** A PDF of these objects, of which the first is its catalog (ISO 32000-1 §7.5). */
export const pdfOf = (objects: readonly (string | Buffer)[], trailer = ""): Buffer => {
  const parts = [Buffer.from("%PDF-1.4\n")];
  const offsets: number[] = [];
  let at = parts[0]?.length ?? 0;
  for (const [n, object] of objects.entries()) {
    const part = Buffer.concat([
      Buffer.from(`${n + 1} 0 obj\n`),
      Buffer.from(object),
      Buffer.from("\nendobj\n"),
    ]);
    offsets.push(at);
    at += part.length;
    parts.push(part);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${at}\n%%EOF`;
  return Buffer.concat([...parts, Buffer.from(end)]);
};

/** A PDF with one page for each color, a picture that fills it. */
export const pdf = (...colors: string[]): Buffer => {
  const pages = colors.map((color, n) => {
    const [page, content, image] = [3 + 3 * n, 4 + 3 * n, 5 + 3 * n];
    const resources = `/Resources<</XObject<</I ${image} 0 R>>>>`;
    return {
      reference: `${page} 0 R`,
      objects: [
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 144]${resources}/Contents ${content} 0 R>>`,
        stream("", Buffer.from("q 72 0 0 144 0 0 cm /I Do Q")),
        stream(
          "/Type/XObject/Subtype/Image/Width 30/Height 40/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode",
          jpeg(color),
        ),
      ],
    };
  });
  const kids = pages.map(({ reference }) => reference).join(" ");
  return pdfOf([
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Kids[${kids}]/Count ${pages.length}>>`,
    ...pages.flatMap(({ objects }) => objects),
  ]);
};

/** A small archive of each format with the same files. */
export const samples = {
  zip: async (files: Files) => Buffer.from(zipSync(files)),
  "zip by LZMA": (files: Files) => sevenZip(files, "-tzip", "-mm=LZMA"),
  "zip by Deflate64": (files: Files) => sevenZip(files, "-tzip", "-mm=Deflate64"),
  "rar 4": async (files: Files) => rar4(files),
  "rar 5": async (files: Files) => rar5(files),
  "7z": (files: Files) => sevenZip(files, "-t7z"),
  "7z that is not solid": (files: Files) => sevenZip(files, "-t7z", "-ms=off"),
  tar: async (files: Files) => tar(files),
  "tar.gz": async (files: Files) => gzipSync(tar(files)),
  "tar.xz": (files: Files) => sevenZip({ "a.tar": tar(files) }, "-txz"),
  "tar.bz2": (files: Files) => sevenZip({ "a.tar": tar(files) }, "-tbzip2"),
};
