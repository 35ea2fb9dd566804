import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import type { ProcessLimits } from "../../src/child-process/limited-process.ts";
import { createDrawing, DRAWER_LIMITS, type Drawing } from "../../src/thumbnails/draw.ts";
import { httpServer } from "../support/http-server.ts";
import { lookAt, page } from "../thumbnails/pages.ts";

const MB = 1024 * 1024;
let drawing: Drawing | undefined;
afterEach(() => drawing?.close());

/** The outcome of a page, after which another page is drawn as before. */
const outcomeOf = async (bytes: Buffer, limits: Partial<ProcessLimits> = {}): Promise<Buffer | string> => {
  // Where the time is not what ends it, a loaded machine has enough of it.
  const own = createDrawing({ ...DRAWER_LIMITS, maxMs: 150_000, ...limits });
  drawing = own;
  const outcome = await own.draw(async () => bytes).catch((error: Error) => error.message);
  if (!limits.maxMs) {
    const honest = await page("red");
    expect((await lookAt(await own.draw(async () => honest))).color).toBe("red");
  }
  return outcome;
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
};

/** A PNG that says it has this size, and has one row (PNG 3rd edition §11.2.1). */
const claimedPng = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(1 + width * 4))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
};

test("a page that claims thousands of millions of pixels is refused by its size", async () => {
  expect(await outcomeOf(claimedPng(60_000, 60_000))).toBe("it has more than 80 million pixels");
});

test("a page that claims more rows than it has is drawn as far as it goes, or refused", async () => {
  const outcome = await outcomeOf(claimedPng(8000, 9000));
  if (Buffer.isBuffer(outcome)) expect(await lookAt(outcome)).toMatchObject({ width: 500 });
  else expect(outcome).toBe("the image is damaged");
});

test("a page that needs too much memory ends its process", async () => {
  // Interlaced, so that it is unpacked as a whole.
  const bomb = await sharp({ create: { width: 8900, height: 8900, channels: 4, background: "blue" } })
    .png({ progressive: true, compressionLevel: 1 })
    .toBuffer();
  expect(bomb.length).toBeLessThan(5 * MB);
  expect(await outcomeOf(bomb, { maxMemory: 180 * MB })).toBe("it needs more than 180 MB of memory");
});

test("of a page with thousands of frames, one is drawn", async () => {
  const frames = 3000;
  const raw = Buffer.alloc(16 * 16 * frames * 3, 0);
  for (let at = 0; at < raw.length; at += 3) raw[at] = 255;
  raw.fill(200, 16 * 16 * 3);
  const gif = await sharp(raw, {
    raw: { width: 16, height: 16 * frames, channels: 3, pageHeight: 16 },
    limitInputPixels: false,
  })
    .gif()
    .toBuffer();
  const outcome = await outcomeOf(gif);
  expect(Buffer.isBuffer(outcome) && (await lookAt(outcome))).toMatchObject({
    width: 16,
    height: 16,
    color: "red",
  });
});

test("a drawing with references is not opened, so nothing is read or requested", async () => {
  const requests: string[] = [];
  const address = await httpServer((request, response) => {
    requests.push(request.url ?? "");
    response.end();
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">
    <image xlink:href="${address}/a.png" width="9" height="9"/><image href="file:///etc/hostname" width="9" height="9"/></svg>`;
  const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "${address}/x">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>`;
  for (const text of [svg, entity])
    expect(await outcomeOf(Buffer.from(text))).toBe("it is no image that is drawn here");
  expect(requests).toEqual([]);
});

test("no format but those of pages is opened", async () => {
  const image = sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } });
  for (const bytes of [
    await image.clone().tiff().toBuffer(),
    Buffer.from("%PDF-1.4\n"),
    Buffer.from("P6 1 1 255\n\0\0\0"),
  ])
    expect(await outcomeOf(bytes)).toBe("it is no image that is drawn here");
});

test("a page that is cut off or damaged anywhere harms nothing", async () => {
  for (const format of ["jpeg", "png", "webp", "gif", "avif"] as const) {
    const whole = await page("red", format, { width: 60, height: 80 });
    const damaged = Buffer.from(whole);
    for (let at = 20; at < damaged.length; at += 37) damaged[at] = 0xff;
    for (const bytes of [whole.subarray(0, whole.length / 2), whole.subarray(0, 20), damaged]) {
      const outcome = await outcomeOf(bytes);
      if (!Buffer.isBuffer(outcome))
        expect(outcome).toMatch(/^(the image is damaged|it is no image that is drawn here|it has more than)/);
    }
    drawing?.close();
  }
});

test("a page that takes too long ends its process", async () => {
  expect(await outcomeOf(await page("red"), { maxMs: 1 })).toBe("it takes more than 0.001 s to read");
});
