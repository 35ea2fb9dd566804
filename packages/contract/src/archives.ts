import { type Static, Type } from "typebox";

export const ArchiveId = Type.String({ pattern: "^[0-9a-f]{40}$" });

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
  /** True if the file was checked and is missing; otherwise absent. */
  missing: Type.Optional(Type.Literal(true)),
});
export type ArchiveMetadata = Static<typeof ArchiveMetadata>;
