/** Bytes of a piece of lines. */
export const PIECE_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;

/** Splits lines into pieces of whole lines, of at most PIECE_BYTES where no line is longer. */
export const linePieces = (lines: Buffer): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let from = 0; from < lines.length; ) {
    const most = from + PIECE_BYTES;
    const end = most >= lines.length ? lines.length : lines.lastIndexOf(LINE_FEED, most - 1) + 1;
    const to = end > from ? end : most;
    pieces.push(lines.subarray(from, to));
    from = to;
  }
  return pieces;
};
