/** Folders that file servers and systems put into others: bins, thumbnails, snapshots, and what a repair found. */
const SYSTEM_FOLDER =
  /^(?:#recycle|@recycle|@eaDir|lost\+found|\$RECYCLE\.BIN|System Volume Information|__MACOSX|#snapshot|@Recently-Snapshot)$/i;

/** Folders of this program in a library: uploads that arrive, and locks. */
const OWN = /^\.(?:incoming$|hitagi)/;

const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, "\\$&");

/**
 * A pattern of names: `*` and `?` stand for characters of one name, `**` for folders too. One without `/` is for a name in any folder,
 * one with it for a path in the library. Case and composition do not count.
 */
const patternOf = (pattern: string): RegExp => {
  const source = escaped(pattern.normalize("NFC").replace(/^\/+|\/+$/g, ""))
    .replaceAll("**", "\u0000")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]")
    .replaceAll("\u0000", ".*");
  return new RegExp(pattern.includes("/") ? `^${source}$` : `(?:^|/)${source}$`, "iu");
};

/** Why a name in a library is ignored; undefined if it is not. */
export type WhyIgnored = (file: string, isFolder: boolean) => string | undefined;

/** The reason for folders and files of this program, which are no problem to list. */
export const OWN_NAME = "it is of this program";

/** @param patterns of the owner; see {@link patternOf} */
export const createIgnore = (patterns: readonly string[]): WhyIgnored => {
  const own = patterns.map((pattern) => ({ pattern, matches: patternOf(pattern) }));
  return (file, isFolder) => {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (OWN.test(name)) return OWN_NAME;
    if (name.startsWith(".")) return "its name is hidden";
    if (isFolder && SYSTEM_FOLDER.test(name)) return "it is a folder of the system";
    const found = own.find(({ matches }) => matches.test(file.normalize("NFC")));
    return found && `HITAGI_LIBRARY_IGNORE has ${found.pattern}`;
  };
};
