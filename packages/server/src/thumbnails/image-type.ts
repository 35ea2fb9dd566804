/** The first bytes of images (latin1), and where they are. */
const marks: readonly (readonly [at: number, bytes: string, type: string])[] = [
  [0, "\xff\xd8\xff", "image/jpeg"],
  [0, "\x89PNG\r\n", "image/png"],
  [8, "WEBP", "image/webp"],
  [4, "ftypavif", "image/avif"],
  [0, "\xff\x0a", "image/jxl"],
  [4, "JXL \r\n", "image/jxl"],
];

/** The media type of an image by its first bytes; undefined for everything else. */
export const imageType = (bytes: Buffer): string | undefined => {
  const head = bytes.toString("latin1", 0, 16);
  return marks.find(([at, mark]) => head.startsWith(mark, at))?.[2];
};
