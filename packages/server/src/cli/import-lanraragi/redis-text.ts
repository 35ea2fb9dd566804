const utf8 = new TextDecoder("utf-8", { fatal: true });

/** LANraragi writes UTF-8; some older versions wrote Latin-1. */
export const textOf = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
};
