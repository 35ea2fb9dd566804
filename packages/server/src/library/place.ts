import path from "node:path";
import { HitagiError } from "@hitagi/contract";

/** Where archives are: a folder of this machine, or a LANraragi server; its address ends with `/`. */
export type LibraryPlace = { kind: "folder"; folder: string } | { kind: "lanraragi"; address: URL };

const SCHEME = "lanraragi+";

/**
 * Reads the library setting: `lanraragi+https://host:port`, or a folder.
 * @param setting named by the error, which does not repeat the address: it may hold a password
 * @throws HitagiError CONFIG_INVALID
 */
export const libraryPlace = (text: string, setting: string): LibraryPlace => {
  const invalid = (reason: string) => new HitagiError("CONFIG_INVALID", { name: setting, reason });
  if (!text.startsWith(SCHEME)) {
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return { kind: "folder", folder: path.resolve(text) };
    throw invalid(`it is an address, and begins with none of ${SCHEME}; a folder has no scheme`);
  }
  const written = text.slice(SCHEME.length);
  const address = URL.canParse(written) ? new URL(written) : undefined;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw invalid("lanraragi+ is not followed by an http or https address");
  }
  if (address.username || address.password) {
    throw invalid("its address has a user name in it; the key goes into HITAGI_LIBRARY_KEY");
  }
  if (/[?#]/.test(written)) throw invalid("its address goes on after ? or #");
  address.pathname = `${address.pathname.replace(/\/+$/, "")}/`;
  return { kind: "lanraragi", address };
};

/** The library's folder; undefined if it is on another server. @throws HitagiError CONFIG_INVALID */
export const libraryFolder = ({ library }: { library: string }): string | undefined => {
  const place = libraryPlace(library, "HITAGI_LIBRARY");
  return place.kind === "folder" ? place.folder : undefined;
};

/** The folder that is the library where no setting names one. */
export const defaultLibrary = (data: string): string => path.join(data, "library");

/** The library's folder if it is the default one, which a server makes: one that its owner names may be a disk that is not mounted. */
export const ownLibraryFolder = (config: { library: string; data: string }): string | undefined => {
  const folder = libraryFolder(config);
  return folder === defaultLibrary(config.data) ? folder : undefined;
};
