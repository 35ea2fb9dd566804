import { type Static, Type } from "typebox";
import type { Namespace } from "./namespace.ts";

/** A metadata plugin that reads addresses of some sites. */
export const AddressReader = Type.Object({
  plugin: Type.Unsafe<Namespace>(Type.String()),
  name: Type.String(),
  /** The hosts in its patterns, as far as they can be told from them. */
  sites: Type.Array(Type.String()),
  /** Empty if it has only a `source_regex`. */
  url_regex: Type.String(),
  /** Absent if it has none. */
  source_regex: Type.Optional(Type.String()),
  enabled: Type.Boolean(),
  /** Whether it can run: it is neither quarantined nor broken. */
  usable: Type.Boolean(),
});
export type AddressReader = Static<typeof AddressReader>;

/** Why a batch by source runs no plugin on an archive. */
export const sourceSkipCodes = ["no-source", "unknown-source"] as const;

/** The sources of archives by the plugins that read them. An archive counts once: by its first source that a plugin reads. */
export const SourceCounts = Type.Object({
  archives: Type.Integer(),
  /** Archives with a source that a plugin reads. */
  readable: Type.Integer(),
  /** Archives without a `source:` tag. */
  without_source: Type.Integer(),
  /** Archives with sources that no plugin reads. */
  unknown_source: Type.Integer(),
  /** Most archives first. */
  plugins: Type.Array(
    Type.Object({
      plugin: Type.Unsafe<Namespace>(Type.String()),
      name: Type.String(),
      archives: Type.Integer(),
    }),
  ),
  /** The first unknown source of each archive by its host, or as it is where it is no address; at most 100, most archives first. */
  unknown: Type.Array(Type.Object({ site: Type.String(), archives: Type.Integer() })),
});
export type SourceCounts = Static<typeof SourceCounts>;
