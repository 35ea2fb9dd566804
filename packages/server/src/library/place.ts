import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { lanraragiAddress } from "./lanraragi/address.ts";

/** Where archives live: a folder of this machine, or a server that keeps them. */
export type LibraryPlace = { kind: "folder"; folder: string } | { kind: "lanraragi"; address: URL };

/** The servers by the scheme of the setting, which tells how they are spoken to. */
const servers: Record<string, (text: string, setting: string) => LibraryPlace> = {
  "lanraragi+": (text, setting) => ({ kind: "lanraragi", address: lanraragiAddress(text, setting) }),
};

/**
 * What the setting of the library names; whatever has no scheme is a folder.
 * @throws HitagiError CONFIG_INVALID naming the setting, and not what it holds
 */
export const libraryPlace = (text: string, setting: string): LibraryPlace => {
  for (const [scheme, read] of Object.entries(servers)) {
    if (text.startsWith(scheme)) return read(text, setting);
  }
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: "folder", folder: path.resolve(text) };
  const known = Object.keys(servers).join(", ");
  throw new HitagiError("CONFIG_INVALID", {
    name: setting,
    reason: `it is an address, and begins with none of ${known}; a folder has no scheme`,
  });
};

/** The folder that the configured library is, or undefined where it is none. @throws HitagiError CONFIG_INVALID */
export const libraryFolder = ({ library }: { library: string }): string | undefined => {
  const place = libraryPlace(library, "HITAGI_LIBRARY");
  return place.kind === "folder" ? place.folder : undefined;
};
