import { getFileNameLowLevel } from "yauzl";
import { decodeAs } from "../../src/library/decode-as.ts";

/** Bytes by character: of all single bytes, and of all pairs of the encodings of two bytes. */
const tables = new Map<string, ReadonlyMap<string, Buffer>>();

const decoderOf = (encoding: string): ((bytes: Buffer) => string) => {
  if (encoding === "cp437") return (bytes) => getFileNameLowLevel(0, bytes, [], false);
  return (bytes) => decodeAs(bytes, encoding) ?? "";
};

const tableOf = (encoding: string): ReadonlyMap<string, Buffer> => {
  const known = tables.get(encoding);
  if (known) return known;
  const decode = decoderOf(encoding);
  const table = new Map<string, Buffer>();
  const add = (bytes: Buffer) => {
    const character = decode(bytes);
    if ([...character].length === 1 && !table.has(character)) table.set(character, bytes);
  };
  for (let byte = 0; byte < 256; byte++) add(Buffer.from([byte]));
  for (let lead = 0x81; lead < 0xff; lead++)
    for (let trail = 0x40; trail < 0xff; trail++) add(Buffer.from([lead, trail]));
  tables.set(encoding, table);
  return table;
};

/** A text's bytes in an encoding of TextDecoder, or in cp437. @throws where it has no such character */
export const encode = (text: string, encoding: string): Buffer => {
  const table = tableOf(encoding);
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = table.get(character);
      if (bytes === undefined) throw new Error(`${encoding} has no ${character}`);
      return bytes;
    }),
  );
};
