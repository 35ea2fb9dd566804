/** One file in an archive, as 7-Zip lists it. */
export interface ListedEntry {
  name: string;
  size: number;
  isEncrypted: boolean;
}

export interface Listing {
  entries: ListedEntry[];
  /** Whether entries are packed together, so that one cannot be read without those before it. */
  isSolid: boolean;
}

/** The properties of a block of `Name = value` lines. */
const propertiesOf = (block: string): Map<string, string> =>
  new Map(
    block.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf(" = ");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 3)]];
    }),
  );

/** A folder, a link or a device is no file that can be shown. Attributes are letters of Windows, a mode of Unix, or both. */
const isFile = (properties: Map<string, string>): boolean => {
  const words = `${properties.get("Attributes") ?? ""} ${properties.get("Mode") ?? ""}`.split(" ");
  const modes = words.filter((word) => /^[a-z-][rwxsStT-]{9}$/.test(word));
  return (
    properties.get("Folder") !== "+" &&
    !words.some((word) => /^[A-Z]*D[A-Z]*$/.test(word)) &&
    modes.every((mode) => mode.startsWith("-")) &&
    !properties.get("Symbolic Link") &&
    !properties.get("Hard Link")
  );
};

/** Reads the output of `7z l -slt`: a block of lines for the archive, and after a line of dashes one for each entry. */
export const readListing = (output: string): Listing => {
  const [head = "", ...rest] = output.replaceAll("\r\n", "\n").split(/^-{10}\n/m);
  const blocks = rest
    .join("")
    .split("\n\n")
    .filter((block) => block.startsWith("Path = "));
  const entries = blocks.map(propertiesOf).flatMap((properties) => {
    if (!isFile(properties)) return [];
    const name = properties.get("Path") ?? "";
    const size = Number(properties.get("Size") || 0);
    return [{ name, size, isEncrypted: properties.get("Encrypted") === "+" }];
  });
  return { entries, isSolid: /^Solid = \+$/m.test(head) };
};
