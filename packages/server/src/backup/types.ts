import { type Static, Type } from "typebox";
import type { OwnedFolders } from "../data-folder/locks.ts";
import type { RemoteStore } from "../store-copy/remote.ts";

/** The parts of a backup, each a folder in it. `data` holds the data folder's own files. */
export const parts = ["data", "store", "plugins", "library"] as const;
export type Part = (typeof parts)[number];

/** The folders of a server. Plugins, library and store may be in the data folder. */
export interface ServerFolders extends OwnedFolders {
  /** The store where it is no file. */
  remote?: RemoteStore | undefined;
}

/** One file to back up. */
export interface PartFile {
  part: Part;
  /** Relative to the part, with `/`. */
  path: string;
  /** The folder that the path is below now. */
  folder: string;
}

/** A file or folder of the library that a backup does not have. */
export interface LeftOut {
  /** With its part, such as `library/a.cbz`. */
  path: string;
  reason: string;
}

/** The name of the store in a backup. */
export const STORE_NAME = "hitagi.db";

/** The name of the last file of a backup. A truncated backup has none. */
export const MANIFEST_NAME = "manifest.json";

/** Increased when older versions of Hitagi cannot restore the backups of this one. */
export const FORMAT = 1;

/** What a backup contains. */
export const BackupManifest = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  /** The version of Hitagi that made it. */
  hitagi: Type.String(),
  /** RFC 3339. */
  created: Type.String(),
  parts: Type.Array(Type.Enum([...parts])),
  files: Type.Array(
    Type.Object({
      /** With its part, such as `data/api-key`. */
      path: Type.String(),
      size: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    }),
  ),
  /** What of the library is not in it; absent if nothing is. */
  left_out: Type.Optional(
    Type.Object({
      count: Type.Integer({ minimum: 1 }),
      /** The first ones. */
      first: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() })),
    }),
  ),
});
export type BackupManifest = Static<typeof BackupManifest>;
