import { type Static, Type } from "typebox";

export const ArchiveId = Type.String({ pattern: "^[0-9a-f]{40}$" });

/** An archive as LANraragi's clients read it. */
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
  /** True where the file was looked for and is not there; else absent. */
  missing: Type.Optional(Type.Literal(true)),
});
export type ArchiveMetadata = Static<typeof ArchiveMetadata>;
