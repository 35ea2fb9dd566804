import { createRequire } from "node:module";
import path from "node:path";
import { type ByteSource, type OpenContainer, ReaderFault } from "./reader-protocol.ts";
import { MAX_ENTRIES } from "./types.ts";

type PdfJs = typeof import("pdfjs-dist/legacy/build/pdf.mjs");
type PdfDocument = Awaited<ReturnType<PdfJs["getDocument"]>["promise"]>;

/** Dots for each point of 1/72 inch: 200 for an inch, as LANraragi renders pages. */
const SCALE = 200 / 72;
/** Pixels of a page's longer side. */
const MAX_SIDE = 4096;
const JPEG_QUALITY = 90;

/** The library that draws, a program of each platform. */
const loadCanvas = async () => {
  try {
    return await import("@napi-rs/canvas");
  } catch {
    throw new ReaderFault("ARCHIVE_UNREADABLE", "PDF pages cannot be drawn on this machine");
  }
};

const openDocument = async (source: ByteSource): Promise<PdfDocument> => {
  const { getDocument, PDFDataRangeTransport } = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const folder = path.dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  class FileRange extends PDFDataRangeTransport {
    override requestDataRange(begin: number, end: number): void {
      const bytes = new Uint8Array(Math.min(end, source.size) - begin);
      source.read(bytes, begin);
      queueMicrotask(() => this.onDataRange(begin, bytes));
    }
  }
  const range = new FileRange(source.size, null);
  return getDocument({
    range,
    disableAutoFetch: true,
    disableStream: true,
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    standardFontDataUrl: path.join(folder, "standard_fonts/"),
    cMapUrl: path.join(folder, "cmaps/"),
    wasmUrl: path.join(folder, "wasm/"),
    iccUrl: path.join(folder, "iccs/"),
    verbosity: 0,
  }).promise;
};

const faultOf = (error: unknown): unknown => {
  if (error instanceof ReaderFault) return error;
  const { name, message } = error as Error;
  if (name === "PasswordException") return new ReaderFault("ARCHIVE_UNREADABLE", "it is encrypted");
  return new ReaderFault("ARCHIVE_BROKEN", `the PDF cannot be read (${message})`);
};

const render = async (document: PdfDocument, number: number): Promise<Buffer> => {
  const { createCanvas } = await loadCanvas();
  const page = await document.getPage(number);
  const { width, height } = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: Math.min(SCALE, MAX_SIDE / Math.max(width, height, 1)) });
  const canvas = createCanvas(
    Math.max(1, Math.floor(viewport.width)),
    Math.max(1, Math.floor(viewport.height)),
  );
  // Its types are those of a browser's canvas.
  const target = canvas as unknown as Parameters<typeof page.render>[0]["canvas"];
  await page.render({ canvas: target, viewport }).promise;
  page.cleanup();
  return canvas.encode("jpeg", JPEG_QUALITY);
};

/** Opens a PDF. Its pages are drawn when they are read. @throws ReaderFault */
export const openPdf = async (source: ByteSource): Promise<OpenContainer> => {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw faultOf(error);
    }
  };
  await loadCanvas();
  const document = await guarded(() => openDocument(source));
  const { numPages } = document;
  if (numPages > MAX_ENTRIES)
    throw new ReaderFault("ARCHIVE_BROKEN", `it has more than ${MAX_ENTRIES} pages`);
  return {
    entries: async () => Array.from({ length: numPages }, (_, n) => ({ name: `${n + 1}.jpg`, size: 0 })),
    read: async (name, maxBytes) => {
      const number = /^([1-9]\d{0,5})\.jpg$/.exec(name)?.[1];
      if (number === undefined || Number(number) > numPages) throw new ReaderFault("ENTRY_NOT_FOUND");
      const bytes = await guarded(() => render(document, Number(number)));
      if (bytes.length > maxBytes) throw new ReaderFault("ENTRY_TOO_LARGE");
      return bytes;
    },
    close: () => document.destroy(),
  };
};
