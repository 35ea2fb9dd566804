import { type Static, Type } from "typebox";
import type { RemoteStore } from "../store-copy/remote.ts";

/** The parts of a backup, each a folder in it: the data folder's own files, the store, the plugins and the archives. */
export const parts = ["data", "store", "plugins", "library"] as const;
export type Part = (typeof parts)[number];

/** Where a server has its parts. Plugins, library and store may lie in the data folder. */
export interface ServerFolders {
  data: string;
  plugins: string;
  /** Undefined where the archives are on another server, which has its own backups. */
  library: string | undefined;
  /** The file of the store; undefined where the store is no file. */
  storeFile: string | undefined;
  /** The store where it is no file. */
  remote?: RemoteStore | undefined;
}

/** One file on its way into a backup. */
export interface PartFile {
  part: Part;
  /** Relative to the part, with `/`. */
  path: string;
  /** Where it is now. */
  file: string;
}

/** The store in a backup, whatever its file is called on the server. */
export const STORE_NAME = "hitagi.db";

/** The name of the last file of a backup. Being last, it is missing from one that was cut short. */
export const MANIFEST_NAME = "manifest.json";

/** Grows when an older Hitagi could no longer restore what this one writes. */
export const FORMAT = 1;

/** What a backup says of itself. */
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
});
export type BackupManifest = Static<typeof BackupManifest>;
