import { type Static, Type } from "typebox";

export const ArchiveId = Type.String({
  pattern: "^[0-9a-f]{40}$",
  description: "The id of an archive: 40 hexadecimal digits.",
});

/** The fields of an archive that plugins write. Tags are separated by commas. */
export const ArchiveTexts = Type.Object({
  title: Type.String(),
  tags: Type.String(),
  summary: Type.String(),
});
export type ArchiveTexts = Static<typeof ArchiveTexts>;

/** An archive in the form of LANraragi's clients. */
export const ArchiveMetadata = Type.Object({
  arcid: ArchiveId,
  title: Type.String(),
  tags: Type.String(),
  summary: Type.String(),
  filename: Type.String(),
  extension: Type.String(),
  isnew: Type.Boolean(),
  pagecount: Type.Integer(),
  progress: Type.Integer(),
  lastreadtime: Type.Integer(),
  size: Type.Integer(),
  toc: Type.Array(Type.Unknown()),
  /** Its path in the library, with `/`; only in lists. */
  file: Type.Optional(Type.String()),
  /** When it was added, in epoch seconds; 0 if unknown. Only in lists. */
  added: Type.Optional(Type.Integer()),
  /** True if the file was checked and is missing; otherwise absent. */
  missing: Type.Optional(Type.Literal(true)),
});
export type ArchiveMetadata = Static<typeof ArchiveMetadata>;

/** What a list of archives can be sorted by. */
export const ArchiveSort = Type.Enum(["added", "title", "file", "size", "pages"]);
export type ArchiveSort = Static<typeof ArchiveSort>;

/** Why an uploaded archive has another file name than the one that was sent. */
export const RenamedFile = Type.Object({
  /** The name that was sent, without folders. */
  from: Type.String(),
  code: Type.Union([
    /** It has characters that some systems do not allow, is too long, or empty. */
    Type.Literal("unsafe"),
    /** The library has a file of that name. */
    Type.Literal("taken"),
  ]),
  text: Type.String(),
});
export type RenamedFile = Static<typeof RenamedFile>;

/** A file or folder of the library that was not taken in, or an archive that cannot be read. */
export const LibraryProblem = Type.Object({
  /** Relative to the library, with `/`. */
  file: Type.String(),
  kind: Type.Union([
    /** Damaged, or no archive in spite of its name. */
    Type.Literal("broken"),
    /** In the library, but this server cannot read its pages. */
    Type.Literal("unreadable"),
    /** The same as another file. */
    Type.Literal("duplicate"),
    /** Its name has no ending of an archive. */
    Type.Literal("unsupported"),
    /** Its name is ignored. */
    Type.Literal("ignored"),
    /** A link that is not followed. */
    Type.Literal("link"),
    /** The server's user may not read it, or its name is not UTF-8. */
    Type.Literal("denied"),
    /** The next scan takes it in. */
    Type.Literal("waiting"),
    /** In the library, but its file is gone. */
    Type.Literal("missing"),
  ]),
  reason: Type.String(),
  /** Of the archive that it is, or that it is the same as. */
  id: Type.Optional(ArchiveId),
});
export type LibraryProblem = Static<typeof LibraryProblem>;
