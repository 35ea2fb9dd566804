import sharp from "sharp";

/** A page of one color. */
export const page = (
  background: string,
  format: "jpeg" | "png" | "webp" | "gif" | "avif" = "jpeg",
  size: { width: number; height: number } = { width: 1400, height: 2000 },
): Promise<Buffer> =>
  sharp({ create: { ...size, channels: 3, background } })
    .toFormat(format)
    .toBuffer();

/** The format and size of an image, and the color of its first pixel. */
export const lookAt = async (image: Buffer) => {
  const { format, width, height } = await sharp(image).metadata();
  const [red = 0, green = 0, blue = 0] = await sharp(image).removeAlpha().raw().toBuffer();
  const color = red > 200 && green < 60 ? "red" : blue > 200 && green < 60 ? "blue" : "other";
  return { format, width, height, color };
};
