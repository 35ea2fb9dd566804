// The process that draws thumbnails of pages: images of strangers, read by native libraries.
import { constants, setPriority } from "node:os";
import { answerServer } from "../child-process/answer-server.ts";
import type { FromDrawer, ToDrawer } from "./drawer-protocol.ts";

/** LANraragi's size of thumbnails, in pixels. */
const BOX = { width: 500, height: 1000 };
const QUALITY = 80;

/** Pixels of a page: A3 at 600 dots an inch has 70 million. */
const MAX_PIXELS = 80_000_000;

/** What a page may be. SVG, PDF and others could name files and addresses, and have pages without end. */
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif", "Heif"].map((format) => `VipsForeignLoad${format}Buffer`);

/** The library that draws, a program of each platform. @returns undefined where there is none */
const loadSharp = async () => {
  const { default: sharp } = await import("sharp").catch(() => ({ default: undefined }));
  sharp?.block({ operation: ["VipsForeignLoad"] });
  sharp?.unblock({ operation: LOADERS });
  sharp?.concurrency(1);
  sharp?.cache(false);
  return sharp;
};

/** What libvips says of an image, in words for the owner. */
const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(message)) return `it has more than ${MAX_PIXELS / 1_000_000} million pixels`;
  if (/unsupported image format/i.test(message)) return "it is no image that is drawn here";
  return "the image is damaged";
};

const createDrawer = () => {
  // Requests of people and plugins come first.
  setPriority(constants.priority.PRIORITY_LOW);
  const loading = loadSharp();
  return async ({ page }: ToDrawer): Promise<FromDrawer> => {
    const sharp = await loading;
    if (!sharp) return { refused: "images cannot be drawn on this machine" };
    try {
      // The first frame only. Of a page that is cut off, what is there is drawn.
      const image = sharp(page, { limitInputPixels: MAX_PIXELS, pages: 1, failOn: "none" });
      const thumbnail = await image
        .autoOrient()
        .resize({ ...BOX, fit: "inside", withoutEnlargement: true })
        .flatten({ background: "white" })
        .jpeg({ quality: QUALITY })
        .toBuffer();
      return { thumbnail };
    } catch (error) {
      return { refused: reasonOf(error) };
    }
  };
};

answerServer(import.meta.url, createDrawer);
